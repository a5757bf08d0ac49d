/**
 * Every ffmpeg command line of the daemon. Option names that differ between builds are settled here.
 */
import type { FfmpegBuild } from './build.ts';

/** libavcodec of FFmpeg 5.1, which brought `-fps_mode` and deprecated `-vsync`. */
const FPS_MODE_SINCE = 59.037;

/**
 * Packets come one by one with exact sizes and the codec is named in the header, so nothing must be probed and no packet held back.
 * `-fflags nobuffer` is left out on purpose: it drops the packets that were probed.
 */
const NUT_INPUT = ['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0', '-f', 'nut', '-i', 'pipe:0'];
/** Index and buffering would cost memory and delay on an endless pipe. */
const NUT_OUTPUT = ['-f', 'nut', '-write_index', '0', '-flush_packets', '1', 'pipe:1'];

const keepTimestamps = (build: FfmpegBuild) =>
  build.libavcodec >= FPS_MODE_SINCE ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'];

/**
 * Receives a stream over RTSP/TCP without decoding it; NUT on stdout. Analysis ends with the first keyframe, as soon as the picture size is
 * known; the limit is for cameras that send parameter sets only within long GOPs.
 */
export function receiveArguments(url: string): string[] {
  const analysis = ['-fpsprobesize', '0', '-analyzeduration', '20000000'];
  return ['-rtsp_transport', 'tcp', ...analysis, '-i', url, '-map', '0:v:0', '-c', 'copy', ...NUT_OUTPUT];
}

export interface LumaSize {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/**
 * Decodes NUT on stdin to small gray pictures as NUT on stdout, each out as soon as its packet is in. `-threads 1` stands before input and
 * output: frame threads of the decoder, and in newer builds of the rawvideo encoder too, would each hold frames back.
 */
export function lumaArguments(build: FfmpegBuild, { width, height, fps }: LumaSize): string[] {
  // One frame per slot of a time grid, whatever the camera's own rate. The grid is shifted by a tenth of a slot, because timestamps are
  // often exact multiples of it and would fall to either side.
  const slot = (time: string) => `floor(${time}*${fps}+0.1)`;
  const filters = [
    `select='isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})+lt(t,prev_selected_t)'`,
    `scale=${width}:${height}:flags=fast_bilinear`,
    'format=gray',
  ];
  return [
    ...['-threads', '1', '-flags', 'low_delay', ...NUT_INPUT],
    ...[
      '-an',
      ...keepTimestamps(build),
      '-filter_threads',
      '1',
      '-vf',
      filters.join(','),
      '-threads',
      '1',
      '-c:v',
      'rawvideo',
      ...NUT_OUTPUT,
    ],
  ];
}

/** Decodes NUT on stdin and gives the first picture at or after `seconds` as JPEG. */
export function pictureArguments(build: FfmpegBuild, seconds: number): string[] {
  return [
    ...['-threads', '1', ...NUT_INPUT, '-an', ...keepTimestamps(build), '-filter_threads', '1'],
    ...['-vf', `select='gte(t,${(seconds - 0.0005).toFixed(4)})'`, '-frames:v', '1', '-threads', '1'],
    ...['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'image2pipe', 'pipe:1'],
  ];
}
