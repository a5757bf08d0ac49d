import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type AccessUnit, cutAccessUnits, joinNals, splitNals } from '../../src/rtsp/annex-b.ts';
import { payloadOf } from '../../src/rtsp/bit-reader.ts';
import { nalType, type VideoCodec } from '../../src/rtsp/nal.ts';
import { bundledFfmpeg, runBundledFfmpeg } from '../helpers/clips.ts';

export interface Encoding {
  readonly codec: VideoCodec;
  readonly size?: string;
  readonly frames?: number;
  /** In the encoder's own language. */
  readonly params?: string;
  readonly pixels?: string;
  readonly options?: readonly string[];
}

/** A byte stream with the wanted properties, as x264 or x265 makes it. */
export function encode({
  codec,
  size = '320x240',
  frames = 30,
  params = '',
  pixels = 'yuv420p',
  options = [],
}: Encoding) {
  const [encoder, language, format] =
    codec === 'h264' ? ['libx264', '-x264-params', 'h264'] : ['libx265', '-x265-params', 'hevc'];
  const quiet = codec === 'h264' ? 'threads=1' : 'log-level=error:pools=1:frame-threads=1';
  return runBundledFfmpeg([
    ...[
      '-f',
      'lavfi',
      '-i',
      `testsrc=s=${size}:r=10`,
      '-frames:v',
      String(frames),
      '-pix_fmt',
      pixels,
      '-c:v',
      encoder,
    ],
    ...[
      '-preset',
      'ultrafast',
      ...options,
      language,
      [quiet, params].filter(Boolean).join(':'),
      '-f',
      format,
      'pipe:1',
    ],
  ]);
}

export function accessUnits(codec: VideoCodec, bytes: Buffer): AccessUnit[] {
  return cutAccessUnits(codec, splitNals(bytes));
}

/** An H.264 byte stream of x264's Main profile, whose parameter sets end before the VUI (E.1.1), as those of many cameras do. */
export function withoutVui(bytes: Buffer): Buffer {
  return joinNals(splitNals(bytes).map((nal) => (nalType('h264', nal) === 7 ? shortened(nal) : nal)));
}

/** ITU-T H.264, 7.3.2.1.1. */
function shortened(sps: Buffer): Buffer {
  const bits = [...payloadOf(sps, 1)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let at = 24;
  const skipNumber = () => {
    at += 2 * (bits.indexOf('1', at) - at) + 1;
  };
  // Identifier, size of frame_num, type (0: sent) and size of the order count, references.
  for (let field = 0; field < 5; field += 1) skipNumber();
  at += 1;
  skipNumber(); // width and height
  skipNumber();
  at += 3; // frames only, direct inference, no cropping
  const octets = `${bits.slice(0, at)}01`.match(/.{1,8}/g) ?? [];
  return Buffer.from([sps[0] ?? 0, ...octets.map((octet) => Number.parseInt(octet.padEnd(8, '0'), 2))]);
}

/** How ffmpeg reads the same stream: the size, and the picture types, sorted, as it gives them in the order of showing. */
export async function asFfmpegSees(
  codec: VideoCodec,
  bytes: Buffer,
): Promise<{ size: string | undefined; types: string[] }> {
  const running = promisify(execFile)(bundledFfmpeg, [
    ...[
      '-hide_banner',
      '-f',
      codec === 'h264' ? 'h264' : 'hevc',
      '-i',
      'pipe:0',
      '-vsync',
      '0',
      '-vf',
      'showinfo',
      '-f',
      'null',
      '-',
    ],
  ]);
  running.child.stdin?.on('error', () => undefined).end(bytes);
  const { stderr } = await running;
  const types = [...stderr.matchAll(/ s:(\d+x\d+) .* type:(\w)/g)];
  return { size: types[0]?.[1], types: types.map((match) => match[2]!).sort() };
}
