/**
 * Compares what packets said with what was seen in the decoded frames of the same time, and books the result in the trust that packets
 * have earned.
 */
import type { PacketTrust } from './packet-trust.ts';

/** Motion after this much rest is an onset. */
const REST_MS = 3000;
/** Packets must tell an onset this soon; motion is confirmed a little after it began, so they may also be early. */
const LATE_MS = 1500;
const EARLY_MS = 1500;
/** Rest is judged in stretches of this length. */
const STRETCH_MS = 2000;
/** Frames that are further apart were not decoded without a gap. */
const MAX_GAP_MS = 1200;
/** Times that are kept: some seconds, and a replay may lag behind by more than ten. */
const MAX_TIMES = 300;

export class PacketEvidence {
  readonly #trust: PacketTrust;
  /** When packets said that something moves: `[from, to]`, oldest first. */
  #said: Array<[from: number, to: number]> = [];
  #movedAt = Number.NEGATIVE_INFINITY;
  #watchedAt = Number.NEGATIVE_INFINITY;
  #watchedFrom = 0;
  #stretchFrom = 0;
  /** An onset that packets may still tell in time. */
  #onsetAt: number | undefined;

  constructor(trust: PacketTrust) {
    this.#trust = trust;
  }

  /** Takes the verdict of packets on the access unit at `at`: its level is 1 or more when something moves. */
  packet(at: number, level: number): void {
    if (level >= 1) {
      const last = this.#said.at(-1);
      if (last && at - last[1] < 200) last[1] = at;
      else this.#said = [...this.#said.slice(-MAX_TIMES), [at, at]];
    }
    const onset = this.#onsetAt;
    if (onset === undefined || at < onset + LATE_MS) return;
    this.#trust.onset(this.#saidWithin(onset - EARLY_MS, onset + LATE_MS));
    this.#onsetAt = undefined;
  }

  /** A decoded frame of full rate was looked at. */
  watched(at: number, moves: boolean): void {
    if (at - this.#watchedAt > MAX_GAP_MS) {
      this.#watchedFrom = at;
      this.#stretchFrom = at;
    }
    this.#watchedAt = at;
    if (moves) {
      const rested = Math.max(this.#movedAt, this.#watchedFrom);
      if (at - this.#movedAt > REST_MS && at > rested + MAX_GAP_MS) this.#onsetAt ??= at;
      this.#movedAt = at;
    }
    if (at - this.#movedAt < STRETCH_MS) this.#stretchFrom = at;
    // A stretch counts once the next one was quiet too: packets may tell an onset before it can be seen.
    else if (at - this.#stretchFrom >= 2 * STRETCH_MS) {
      const to = this.#stretchFrom + STRETCH_MS;
      this.#trust.quiet(this.#saidWithin(this.#stretchFrom, to));
      this.#stretchFrom = to;
    }
  }

  #saidWithin(from: number, to: number): boolean {
    return this.#said.some((said) => said[0] < to && said[1] > from);
  }
}
