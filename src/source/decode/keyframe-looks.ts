import type { Serial } from '../../lib/serial.ts';
import type { AccessUnit } from '../access-unit.ts';
import { type LumaFrame, meanLuma } from '../frame.ts';
import type { GopRing } from '../gop-ring.ts';
import type { SceneMemory } from '../wake/scene-memory.ts';
import type { LumaSize } from './decoder.ts';
import type { DecoderSupply } from './decoder-pool.ts';
import type { GopMeter } from './gop-meter.ts';
import { keyframesPerLook } from './look-interval.ts';

/** The detector says within this time what it saw in a keyframe. */
const OBJECTION_MS = 1000;

export interface KeyframeLooksParts {
  readonly pool: DecoderSupply;
  readonly ring: GopRing;
  readonly memory: SceneMemory;
  readonly luma: LumaSize;
  readonly gops: GopMeter;
  /** In ms. */
  readonly maxBlindness: number;
  /** Looks are taken in turn with it. */
  readonly work: Serial;
  readonly isIdle: () => boolean;
  /** Told of each look at an idle camera, and whether something changed since the one at `since`. */
  readonly looked: (frame: LumaFrame, hasChanged: boolean, since: number) => void;
}

/** Looks at the keyframes of an idle camera, or at some of them, on the decoder that all cameras share. */
export class KeyframeLooks {
  readonly #parts: KeyframeLooksParts;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;
  /** Of the latest keyframe that was looked at and showed nothing. */
  #restedAt: number | undefined;

  constructor(parts: KeyframeLooksParts) {
    this.#parts = parts;
  }

  /** When the look before the latest one was taken. */
  get before(): number {
    return this.#before;
  }

  /** Everything until `at` was decoded. */
  seen(at: number): void {
    this.#lookedAt = at;
  }

  /** Takes the next access unit of an idle camera. */
  take(unit: AccessUnit): void {
    if (unit.key && this.#isDue(unit)) this.#look(unit);
  }

  /** At rest, what came before the latest look is kept for as long only as the detector may still object. */
  forget(now: number): void {
    if (this.#restedAt === undefined || now - this.#restedAt < OBJECTION_MS) return;
    this.#parts.ring.dropBefore(this.#restedAt);
    this.#restedAt = undefined;
  }

  /** The keyframe at `at` showed nothing. */
  rested(at: number): void {
    this.#restedAt = at;
  }

  #isDue(unit: AccessUnit): boolean {
    const { gops, maxBlindness, memory } = this.#parts;
    const gopMs = Math.max(1, gops.ms ?? 1);
    const every = keyframesPerLook(gopMs, maxBlindness, memory.trust.isTrusted);
    return unit.at - this.#lookedAt > (every - 0.5) * gopMs;
  }

  #look(unit: AccessUnit): void {
    const { pool, ring, memory, luma, work, isIdle, looked } = this.#parts;
    const since = this.#lookedAt;
    this.#lookedAt = unit.at;
    const giveBack = ring.lend(unit);
    void work.run(async () => {
      if (!isIdle()) return giveBack();
      const frame = await pool.keyframe(unit, luma);
      // Without a frame, a decoder that hangs may still hold it.
      if (frame) giveBack();
      if (!isIdle()) return;
      if (!frame) {
        this.#lookedAt = since;
        return;
      }
      this.#before = since;
      memory.trust.light(meanLuma(frame));
      looked(frame, memory.difference.push(frame), since);
    });
  }
}
