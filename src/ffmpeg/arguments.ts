/**
 * Every ffmpeg command line of the daemon. Option names that differ between builds are settled here.
 */
import type { FfmpegBuild } from './build.ts';

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
 * Receives a stream over RTSP/TCP without decoding it; NUT on stdout. Analysis ends with the first keyframe, as soon as the picture size is
 * known; the limit is for cameras that send parameter sets only within long GOPs.
 */
export function receiveArguments(url: string): string[] {
  const analysis = ['-fpsprobesize', '0', '-analyzeduration', '20000000'];
  return ['-rtsp_transport', 'tcp', ...analysis, '-i', url, '-map', '0:v:0', '-c', 'copy', ...nutOutput(1)];
}

/**
 * Decodes NUT on stdin. A frame comes out small and gray on stdout if bit 0 of its timestamp is set, and whole as JPEG on descriptor 3 if
 * bit 1 is; both as NUT, each out as soon as its packet is in. A frame that is not asked for costs no scaling and no coding.
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
    '[0:v]split[frames][pictures]',
    `[frames]select='mod(pts,2)',scale=${size.width}:${size.height}:flags=fast_bilinear,format=gray[gray]`,
    "[pictures]select='bitand(pts,2)',format=yuvj420p[whole]",
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
  ];
}
