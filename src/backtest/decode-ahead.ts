/**
 * Decodes a clip once, a little ahead of those who look at it. What comes out depends on the clip alone, never on how fast the machine is.
 */
import type { FfmpegBuild } from '../ffmpeg/build.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import { Decoder, type LumaSize } from '../source/decode/decoder.ts';
import type { Turn } from './clip-info.ts';
import { DecodePass } from './decode-pass.ts';
import type { DecodedFrames, Kind } from './decoded-frames.ts';
import { turned } from './turn.ts';

/** Units that are decoded ahead, so that decoder and motion work at the same time; more where a decoder gives nothing for a while. */
const AHEAD = 48;
const MAX_AHEAD = 2000;
const WAIT_MS = 20;

export interface AheadOptions {
  readonly build: FfmpegBuild;
  /** Of the frames as they are coded, before they are turned. */
  readonly luma: LumaSize;
  readonly turn: Turn;
  /** Somebody may look at keyframes only. */
  readonly looks: boolean;
  readonly frames: DecodedFrames;
  /** Pictures are out of order: such a stream is always decoded as a whole. */
  readonly reorders: () => boolean;
}

/** Gives the units in order, each when its frames are in `frames`. */
export async function* decodeAhead(
  units: AsyncIterable<AccessUnit>,
  { build, luma, turn, looks, frames, reorders }: AheadOptions,
): AsyncGenerator<AccessUnit, void, undefined> {
  const give = (kind: Kind) => (unit: AccessUnit, data: Uint8Array) => frames.put(kind, unit, turned(data, luma, turn));
  await using decoder = await Decoder.start(build, luma);
  await using keyframes = looks ? await Decoder.start(build, luma, { keyframesOnly: true }) : undefined;
  const whole = new DecodePass(decoder, give('frame'));
  const single = keyframes && new DecodePass(keyframes, give('look'));
  const isOpen = (unit: AccessUnit) => whole.isOpen(unit) || (single?.isOpen(unit) ?? false);
  const waiting: AccessUnit[] = [];
  let isGivenUp = false;

  /** Gives what is ready, until no more than `left` wait. */
  async function* ready(left: number, patience: number): AsyncGenerator<AccessUnit> {
    for (let waited = 0; waiting.length > left; ) {
      const [first] = waiting;
      if (!first) return;
      if (!isOpen(first)) {
        waiting.shift();
        yield first;
      } else if (waited < patience) {
        waited += 1;
        await (whole.isOpen(first) ? whole : single)?.progress(WAIT_MS);
      } else return;
    }
  }

  for await (const unit of units) {
    whole.write(unit);
    if (unit.key && !reorders()) single?.write(unit);
    // Its keyframes would be held back until the next one comes.
    if (reorders() && !isGivenUp) single?.flush();
    isGivenUp ||= reorders();
    waiting.push(unit);
    // A decoder may need what comes next to give anything.
    yield* ready(AHEAD, waiting.length < MAX_AHEAD ? 1 : Number.POSITIVE_INFINITY);
  }
  whole.flush();
  if (!isGivenUp) single?.flush();
  yield* ready(0, Number.POSITIVE_INFINITY);
}
