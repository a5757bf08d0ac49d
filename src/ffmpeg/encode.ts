import { access, constants } from 'node:fs/promises';
import ffmpeg from 'fluent-ffmpeg';
import { FramegateError } from '../lib/errors.ts';

export interface EncodeJob {
  /** Path of the ffmpeg program. */
  readonly ffmpeg: string;
  /** Files with one still picture each: inputs `[0]`, `[1]`, … of the graph. */
  readonly stills: readonly string[];
  /** Makes of them, in ffmpeg's filter language, the frames to encode. */
  readonly graph: string;
  readonly fps: number;
  readonly frames: number;
  /** Frames from one keyframe to the next. */
  readonly gop: number;
  /** x264's constant rate factor: 18 is fine, 28 is what a camera sends. */
  readonly crf: number;
  readonly output: string;
}

/**
 * Encodes moving stills to an H.264 byte stream (Annex B) as a simple camera sends it: baseline profile, no B-frames, one slice per
 * picture, parameter sets with every keyframe.
 *
 * @throws ERR_FFMPEG_MISSING or ERR_FFMPEG_EXITED when ffmpeg cannot be run or fails, and the reason of `signal` when that aborts; what is
 * written then is of no use.
 */
export async function encodeH264(job: EncodeJob, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await mustRun(job.ffmpeg);
  const command = ffmpeg();
  command.setFfmpegPath(job.ffmpeg);
  for (const still of job.stills) command.input(still).inputOptions(['-framerate', String(job.fps)]);
  command
    .complexFilter(job.graph)
    .videoCodec('libx264')
    .outputOptions(['-preset', 'superfast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p'])
    .outputOptions(['-crf', String(job.crf), '-frames:v', String(job.frames)])
    // Frame threads instead of zerolatency's sliced threads, which would cut every picture into slices.
    .outputOptions(['-x264-params', `sliced-threads=0:threads=2:keyint=${job.gop}:min-keyint=${job.gop}:scenecut=0`])
    .format('h264');
  const kill = () => command.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      command
        // Before this event there is no process that `kill` could reach.
        .once('start', () => signal.aborted && kill())
        .once('end', () => resolve())
        .once('error', (cause: Error) => reject(cause))
        .save(job.output);
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FramegateError('ERR_FFMPEG_EXITED', `cannot encode ${job.output}`, {
      cause,
      hint: `${job.ffmpeg} must have libx264, and the disk room (${cause instanceof Error ? cause.message : cause})`,
      retryable: false,
    });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** The builder crashes the process when the program cannot be spawned, so that is looked at before. A bare name was found in PATH. */
async function mustRun(path: string): Promise<void> {
  if (!path.includes('/')) return;
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw new FramegateError('ERR_FFMPEG_MISSING', `cannot run ${path}`, {
      cause,
      hint: 'install ffmpeg, or set ffmpeg.path to it',
      retryable: false,
    });
  }
}
