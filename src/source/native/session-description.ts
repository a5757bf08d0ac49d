/**
 * The session description of a camera (RFC 8866), as far as its first video track goes: RFC 6184 and RFC 7798 for the format, RFC 2326 C.1 for
 * control URLs.
 */
import { cameraFailure } from '../../lib/camera-failure.ts';
import { isParameterSet, type VideoCodec } from '../../rtsp/nal.ts';
import { CLOCK_RATE } from '../../rtsp/rtp.ts';

export interface VideoTrack {
  readonly codec: VideoCodec;
  readonly payloadType: number;
  /** Without start codes; may be empty. */
  readonly parameterSets: readonly Buffer[];
  /** H.265: decoding order numbers are sent with the pictures. */
  readonly hasOrder: boolean;
  /** URL for SETUP. */
  readonly trackUrl: string;
  /** URL for PLAY and all that follows. */
  readonly sessionUrl: string;
}

const CODECS: Readonly<Record<string, VideoCodec>> = { H264: 'h264', H265: 'h265', HEVC: 'h265' };

/**
 * @param baseUrl what control URLs are relative to.
 * @throws ERR_SOURCE_NO_VIDEO or ERR_SOURCE_UNSUPPORTED.
 */
export function findVideoTrack(description: string, baseUrl: string): VideoTrack {
  const [session = '', ...media] = description.split(/^(?=m=)/m);
  const video = media.find((section) => section.startsWith('m=video'));
  if (!video) throw cameraFailure(media.length > 0 ? 'noVideo' : 'otherDialect');
  const payloadType = Number(/^m=video \S+ \S+ (\d+)/.exec(video)?.[1]);
  const [encoding, clock] = attribute(video, 'rtpmap', payloadType)?.split('/') ?? [];
  const codec = CODECS[encoding?.trim().toUpperCase() ?? ''];
  if (!codec) throw cameraFailure('otherCodec');
  const format = parameters(attribute(video, 'fmtp', payloadType) ?? '');
  // Interleaved packetization (mode 2) sends NAL units out of order.
  if (Number(clock) !== CLOCK_RATE || format.get('packetization-mode') === '2') throw cameraFailure('otherDialect');
  return {
    codec,
    payloadType,
    parameterSets: ['sprop-parameter-sets', 'sprop-vps', 'sprop-sps', 'sprop-pps']
      .flatMap((name) => format.get(name)?.split(',') ?? [])
      .map((base64) => Buffer.from(base64, 'base64'))
      .filter((nal) => isParameterSet(codec, nal)),
    hasOrder: Number(format.get('sprop-max-don-diff') ?? 0) > 0,
    trackUrl: resolveControl(baseUrl, control(video)),
    sessionUrl: resolveControl(baseUrl, control(session)),
  };
}

/**
 * RFC 2326, C.1.1, read as cameras and their clients do: a relative URL is put behind the base, also where that has no slash at its end and
 * where it has a query.
 */
export function resolveControl(baseUrl: string, control: string | undefined): string {
  if (control === undefined || control === '' || control === '*') return baseUrl;
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (/^[/?]/.test(control)) return baseUrl.replace(/\/$/, '') + control;
  return `${baseUrl.replace(/\/$/, '')}/${control}`;
}

function control(section: string): string | undefined {
  return /^a=control:[ \t]*([^\r\n]*)/m.exec(section)?.[1]?.trim();
}

/** The value of `a=<name>:<payload type> <value>`. */
function attribute(section: string, name: string, payloadType: number): string | undefined {
  return new RegExp(`^a=${name}:${payloadType}[ \\t]+([^\\r\\n]*)`, 'm').exec(section)?.[1];
}

/** `name=value; name=value`; names in lower case. */
function parameters(text: string): ReadonlyMap<string, string> {
  const entries = text.split(';').map((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? ([part.trim().toLowerCase(), ''] as const) : pair(part, equals);
  });
  return new Map(entries);
}

function pair(part: string, equals: number): readonly [string, string] {
  return [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()];
}
