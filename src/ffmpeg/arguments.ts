/**
 * Every ffmpeg command line of the daemon. Option names that differ between builds are settled here.
 */
import type { FfmpegBuild } from './build.ts';
import { PART_BIT, partFilter } from './picture-part.ts';

/** libavcodec of FFmpeg 5.1, which brought `-fps_mode` and deprecated `-vsync`. */
const FPS_MODE_SINCE = 59.037;

/**
 * Packets come one by one with exact sizes and the codec is named in the header, so nothing must be probed and no packet held back.
 * `-fflags nobuffer` is left out on purpose: it drops the packets that were probed. Without `-copyts` timestamps would be counted from the
 * first one.
 */
const NUT_INPUT = [
  '-copyts',
  '-probesize',
  '32',
  '-analyzeduration',
  '0',
  '-fpsprobesize',
  '0',
  '-f',
  'nut',
  '-i',
  'pipe:0',
];
/** Index and buffering would cost memory and delay on an endless pipe. */
const nutOutput = (descriptor: number) => [
  ...['-f', 'nut', '-write_index', '0', '-flush_packets', '1'],
  `pipe:${descriptor}`,
];

const keepTimestamps = (build: FfmpegBuild) =>
  build.libavcodec >= FPS_MODE_SINCE ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'];

/**
 * Analysis ends with the first keyframe, as soon as the picture size is known; the limit is for cameras that send parameter sets only within
 * long GOPs.
 */
const RTSP_INPUT = ['-rtsp_transport', 'tcp', '-fpsprobesize', '0', '-analyzeduration', '20000000', '-i'];

/** Receives a stream over RTSP/TCP without decoding it; NUT on stdout. */
export function receiveArguments(url: string): string[] {
  return [...RTSP_INPUT, url, '-map', '0:v:0', '-c', 'copy', ...nutOutput(1)];
}

/** Byte streams with start codes, as cameras send them and decoders in the middle of a stream need them. */
const TO_ANNEX_B: Readonly<Record<string, string>> = { h264: 'h264_mp4toannexb', hevc: 'hevc_mp4toannexb' };

/** Reads a recorded clip without decoding it; NUT on stdout. The prefix keeps a file name from being an option or a URL. */
export function clipArguments(file: string, codec: string): string[] {
  const filter = TO_ANNEX_B[codec];
  return [
    ...['-fflags', '+genpts', '-i', `file:${file}`, '-map', '0:V:0', '-c', 'copy'],
    ...(filter ? ['-bsf:v', filter] : []),
    ...nutOutput(1),
  ];
}

/** Says on stderr what a recorded clip is. */
export function clipInfoArguments(file: string): string[] {
  return ['-hide_banner', '-nostdin', '-i', `file:${file}`];
}

/**
 * Decodes NUT on stdin. A frame comes out small and gray on stdout if bit 0 of its timestamp is set, whole as JPEG on descriptor 3 if bit 1
 * is, and a part of it as JPEG on descriptor 4 if bit 2 is; all as NUT, each out as soon as its packet is in. What is not asked for costs no scaling
 * and no coding.
 *
 * `-threads 1` stands before input and outputs: frame threads of the decoder, and in newer builds of the rawvideo encoder too, would each
 * hold frames back.
 */
export function decodeArguments(
  build: FfmpegBuild,
  size: { readonly width: number; readonly height: number },
  { keyframesOnly = false } = {},
): string[] {
  const graph = [
    '[0:v]split=3[frames][pictures][parts]',
    `[frames]select='mod(pts,2)',scale=${size.width}:${size.height}:flags=fast_bilinear,format=gray[gray]`,
    "[pictures]select='bitand(pts,2)',format=yuvj420p[whole]",
    `[parts]select='bitand(pts,${PART_BIT})',${partFilter()},format=yuvj420p[part]`,
  ];
  // Else timestamps are rounded to the frame rate that the stream claims to have.
  const timestamps = [...keepTimestamps(build), '-enc_time_base', '-1'];
  return [
    // Nothing depends on these keyframes, and what the loop filter smooths is gone in the small frame.
    ...(keyframesOnly ? ['-skip_loop_filter', 'all'] : []),
    ...['-threads', '1', '-flags', 'low_delay', ...NUT_INPUT],
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
    ...['-map', '[gray]', ...timestamps, '-threads', '1', '-c:v', 'rawvideo', ...nutOutput(1)],
    ...['-map', '[whole]', ...timestamps, '-threads', '1', '-c:v', 'mjpeg', '-q:v', '3', ...nutOutput(3)],
    ...['-map', '[part]', ...timestamps, '-threads', '1', '-c:v', 'mjpeg', '-q:v', '3', ...nutOutput(4)],
  ];
}

/**
 * Receives a stream over RTSP/TCP and writes it to a file as it is; tells its progress on stdout. An mp4 is written in fragments, so that what is
 * there can be played even if the machine goes down meanwhile.
 */
export function recordArguments(
  url: string,
  { file, durationMs, audio }: { readonly file: string; readonly durationMs: number; readonly audio: boolean },
): string[] {
  const isMp4 = file.toLowerCase().endsWith('.mp4');
  return [
    ...['-progress', 'pipe:1', ...RTSP_INPUT, url],
    ...['-map', '0:v:0', ...(audio ? ['-map', '0:a?'] : []), '-c', 'copy', '-t', String(durationMs / 1000)],
    ...['-flush_packets', '1'],
    ...(isMp4 ? ['-movflags', 'frag_keyframe+delay_moov+default_base_moof', '-f', 'mp4'] : ['-f', 'matroska']),
    // A name that looks like an option, or like the URL of a protocol, is a name all the same.
    `file:${file}`,
  ];
}
