/**
 * The session description of the stream (RFC 8866), with the parameter sets as RFC 6184 and RFC 7798 put them.
 */
import { nalType } from '../../rtsp/nal.ts';
import type { ElementaryStream } from './elementary-stream.ts';
import { PAYLOAD_TYPE } from './rtp-track.ts';

/** Name of the track in URLs: `a=control`. */
export const TRACK = 'trackID=0';

export interface SdpOptions {
  /** Whether the parameter sets stand in the description. */
  readonly parameterSets: boolean;
  /** Describe an audio stream instead of the video. */
  readonly audioOnly: boolean;
}

export function describeStream(stream: ElementaryStream, options: SdpOptions): string {
  const media = options.audioOnly ? ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'] : video(stream, options);
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=Framegate demo camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    ...media,
    `a=control:${TRACK}`,
    '',
  ].join('\r\n');
}

function video(stream: ElementaryStream, options: SdpOptions): string[] {
  const format = options.parameterSets ? [`a=fmtp:${PAYLOAD_TYPE} ${parameters(stream)}`] : [];
  return [
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    `a=rtpmap:${PAYLOAD_TYPE} ${stream.codec.toUpperCase()}/90000`,
    ...format,
    `a=framerate:${stream.fps}`,
  ];
}

function parameters(stream: ElementaryStream): string {
  const { codec, parameterSets } = stream;
  const base64 = (type: number) =>
    parameterSets.filter((nal) => nalType(codec, nal) === type).map((nal) => nal.toString('base64'));
  if (codec === 'h265') return `sprop-vps=${base64(32)};sprop-sps=${base64(33)};sprop-pps=${base64(34)}`;
  const profile = parameterSets.find((nal) => nalType(codec, nal) === 7)?.toString('hex', 1, 4) ?? '42c01f';
  return `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${[...base64(7), ...base64(8)]}`;
}
