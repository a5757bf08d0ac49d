import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';
import { clipInfoArguments } from '../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { FramegateError } from '../lib/errors.ts';

/** What a clip says about itself. */
export interface ClipInfo {
  /** As FFmpeg names it. */
  readonly codec: string;
  /** Seconds of its longest stream; undefined when it does not say. */
  readonly seconds: number | undefined;
  /** It has nothing but video, so that `seconds` is that of the video. */
  readonly onlyVideo: boolean;
  /** Degrees by which players turn the picture clockwise: 0, 90, 180 or 270. */
  readonly turn: Turn;
}

export type Turn = 0 | 90 | 180 | 270;

const TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/** Throws ERR_CLIP_UNREADABLE when it is no clip, or has no video. */
export async function inspectClip(build: FfmpegBuild, file: string, signal: AbortSignal): Promise<ClipInfo> {
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw unreadable(file, 'cannot be read', 'see whether the path is right and you may read it', cause);
  }
  const text = await describe(build, file, signal);
  if (!text.includes('Input #0')) throw unreadable(file, ...whyNoInput(text));
  const streams = text.split('\n').filter((line) => /^\s*Stream #/.test(line));
  const videos = streams.filter((line) => line.includes(': Video:') && !line.includes('(attached pic)'));
  const codec = /: Video: (\w+)/.exec(videos[0] ?? '')?.[1];
  if (!codec || codec === 'none') throw unreadable(file, 'has no video', 'choose a recording with a video stream');
  return {
    codec,
    seconds: secondsOf(text),
    onlyVideo: streams.length === 1,
    turn: turnOf(text),
  };
}

/** ffmpeg ends with a failure when it has no output; what it says about the input is all that is wanted. */
async function describe(build: FfmpegBuild, file: string, signal: AbortSignal): Promise<string> {
  try {
    return (await run(build.path, clipInfoArguments(file), { timeout: TIMEOUT_MS, signal })).stderr;
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? '';
  }
}

function whyNoInput(text: string): [what: string, hint: string] {
  if (/moov atom not found/i.test(text)) return ['has no index: it is truncated', TRUNCATED_HINT];
  const last = text.trim().split('\n').at(-1)?.trim() ?? '';
  const reason = last.replace(/^.*?: /, '');
  return [`is no video that ffmpeg can read${reason ? ` (${reason})` : ''}`, 'choose a recording such as .mp4 or .mkv'];
}

export const TRUNCATED_HINT = 'copy or record it again';

function secondsOf(text: string): number | undefined {
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(text) ?? [];
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** ffmpeg counts counter-clockwise. */
function turnOf(text: string): Turn {
  const degrees = Number(/displaymatrix: rotation of (-?[\d.]+)/.exec(text)?.[1] ?? 0);
  const turn = ((Math.round(-degrees / 90) % 4) + 4) % 4;
  return ([0, 90, 180, 270] as const)[turn] ?? 0;
}

export function unreadable(file: string, what: string, hint: string, cause?: unknown): FramegateError {
  return new FramegateError('ERR_CLIP_UNREADABLE', `${file} ${what}`, { hint, retryable: false, cause });
}
