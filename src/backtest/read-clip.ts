import { clipArguments } from '../ffmpeg/arguments.ts';
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { NutReader } from '../ffmpeg/nut-reader.ts';
import { type AccessUnit, codecOf, ptsSeconds } from '../source/access-unit.ts';
import { learnTraits } from '../source/stream-traits.ts';
import { ClipClock } from './clip-clock.ts';
import { type ClipInfo, TRUNCATED_HINT, unreadable } from './clip-info.ts';

/** What ffmpeg says of a file that ends in the middle of something. */
const CUT_OFF = /partial file|ended prematurely|read error|truncat/i;
/** A clip that is shorter than it says by this much, in seconds and as a fraction, is truncated. */
const SHORT_SECONDS = 1;
const SHORT_FRACTION = 0.05;

export interface ReadClip {
  /** In the order of decoding, from the first keyframe on; `at` and `time` are ms from the first one. */
  readonly units: AsyncGenerator<AccessUnit, void, undefined>;
  /** Pictures were seen to be sent in another order than they are shown in; told a second ahead. */
  reorders(): boolean;
  /** For people: what is unusual about the timestamps so far. */
  notes(): readonly string[];
}

/** Reads a clip undecoded, as the live path receives a camera with ffmpeg. Throws ERR_CLIP_UNREADABLE, also at the end. */
export function readClip(build: FfmpegBuild, file: string, info: ClipInfo, signal: AbortSignal): ReadClip {
  const clock = new ClipClock<Omit<AccessUnit, 'at' | 'time'>>();
  const gaps: number[] = [];
  let lastAt = 0;
  let count = 0;

  const placed = (picture: Omit<AccessUnit, 'at' | 'time'>, seconds: number): AccessUnit => {
    // Exact to a microsecond, or the noise of fractions would show.
    const at = Math.round(seconds * 1e6) / 1e3;
    if (at > lastAt) gaps.push(at - lastAt);
    lastAt = at;
    return { ...picture, at, time: at };
  };

  async function* units(): AsyncGenerator<AccessUnit, void, undefined> {
    await using ffmpeg = await FfmpegChild.start(build, clipArguments(file, info.codec));
    const stop = () => ffmpeg.stdout.destroy();
    signal.addEventListener('abort', stop, { once: true });
    const reader = new NutReader();
    try {
      for await (const chunk of ffmpeg.stdout as AsyncIterable<Buffer>) {
        for (const { pts, key, data } of reader.push(chunk)) {
          const { stream } = reader;
          // Nothing can be decoded before the first keyframe; an empty packet only says that the last picture still stands.
          if (!stream || (count === 0 && !key) || data.length === 0) continue;
          if (count === 0) clock.isUnannounced = holdsBackUnannounced({ stream, pts, key, data, at: 0, time: 0 });
          count += 1;
          for (const next of clock.push({ stream, pts, key, data }, ptsSeconds(stream, pts))) yield placed(...next);
        }
      }
      for (const next of clock.flush()) yield placed(...next);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (signal.aborted) return;
    const { complaints } = await ffmpeg.exited;
    checkWhole(file, info, { count, seconds: lastAt / 1000, complaints });
  }

  return {
    units: units(),
    reorders: () => clock.reorders,
    notes: () => [
      ...clock.jumps.slice(0, 3).map((at) => `its timestamps jump back at ${at.toFixed(1)}s; they go on from there`),
      ...(clock.reorders ? ['it has B-frames, its pictures are taken in the order of showing'] : []),
      ...variableRate(gaps),
    ],
  };
}

/** H.264 need not say how many pictures decoders hold back; they learn it as they go then. */
function holdsBackUnannounced(first: AccessUnit): boolean {
  return codecOf(first.stream) === 'h264' && learnTraits(undefined, first)?.announced === undefined;
}

function checkWhole(
  file: string,
  info: ClipInfo,
  { count, seconds, complaints }: { count: number; seconds: number; complaints: readonly string[] },
): void {
  if (count === 0) {
    const why = complaints.at(-1);
    throw unreadable(file, `has no picture that can be decoded${why ? ` (${why})` : ''}`, TRUNCATED_HINT);
  }
  const missing = (info.seconds ?? seconds) - seconds;
  const isShort = missing > SHORT_SECONDS + SHORT_FRACTION * seconds;
  if (!complaints.some((line) => CUT_OFF.test(line)) && !(isShort && info.onlyVideo)) return;
  const length = info.seconds === undefined ? '' : ` of ${info.seconds.toFixed(1)}s`;
  throw unreadable(file, `is truncated: it ends at ${seconds.toFixed(1)}s${length}`, TRUNCATED_HINT);
}

function variableRate(gaps: readonly number[]): string[] {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  const [short, long] = [at(0.05), at(0.95)];
  if (sorted.length < 10 || long < 1.6 * short) return [];
  return [`its frame rate varies from ${rate(long)} to ${rate(short)} fps; times are those of its frames`];
}

const rate = (gapMs: number) => (1000 / gapMs).toFixed(gapMs > 500 ? 1 : 0);
