import type { NutStream } from '../ffmpeg/nut.ts';
import type { VideoCodec } from '../rtsp/nal.ts';
import type { Moment } from './frame.ts';

/** One coded picture as it came from the camera, not decoded. */
export interface AccessUnit extends Moment {
  readonly stream: NutStream;
  /** In ticks of the stream's time base. */
  readonly pts: number;
  /** Decoding can begin here. */
  readonly key: boolean;
  readonly data: Buffer;
}

/** Presentation time in seconds of the stream's own clock. */
export function ptsSeconds(stream: NutStream, pts: number): number {
  return (pts * stream.timeBase[0]) / stream.timeBase[1];
}

const CODECS: Readonly<Record<string, VideoCodec>> = {
  h264: 'h264',
  avc1: 'h264',
  hevc: 'h265',
  hvc1: 'h265',
  hev1: 'h265',
};

/** Undefined when it is neither H.264 nor H.265. */
export function codecOf({ fourcc }: NutStream): VideoCodec | undefined {
  return CODECS[fourcc.toLowerCase()];
}
