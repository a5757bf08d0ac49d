/** Timestamps that go back further are another clock, as in the live path; less is the order of B-frames. */
const MAX_REORDER = 1.5;
/** What lies between two pictures where timestamps tell nothing. */
const STEP = 0.04;
/** More pictures than any codec brings into order. */
const HELD_BACK = 20;
/** So many pictures that come late, with no more than `PATIENCE` between them, are B-frames and no glitch of a clock. */
const MIN_LATE = 3;
const PATIENCE = 60;

/**
 * Times for the pictures of a clip, in seconds from the first one. A recording may have been coded with B-frames, which are sent in another order
 * than they are shown in; as decoders give pictures in the order of showing, so are the times: the nth picture gets the nth smallest timestamp.
 * A clock that jumps back, as where recordings were joined, goes on from there.
 */
export class ClipClock<T> {
  readonly #waiting: T[] = [];
  /** Timestamps of those that wait, smallest first. */
  readonly #times: number[] = [];
  #offset: number | undefined;
  #newest = 0;
  #last = 0;
  /**
   * True where the parameter sets do not say how many pictures a decoder holds back. What comes out is told from others by what goes in then, so
   * the nth picture stands for the one that is shown as many places earlier, and gets its time.
   */
  isUnannounced = false;
  /** Pictures that a decoder holds back: as many as are sent before one that is shown earlier. */
  #depth = 0;
  /** Pictures that came after more than that, lately. */
  #late = 0;
  #punctual = 0;
  /** Times of the clip at which its timestamps jumped back. */
  readonly jumps: number[] = [];
  /** Pictures are sent in another order than shown. */
  reorders = false;

  /** Takes the next picture in the order of sending; gives those whose time is known, in that order. */
  *push(picture: T, ptsSeconds: number): Generator<readonly [picture: T, seconds: number]> {
    this.#offset ??= ptsSeconds;
    let seconds = ptsSeconds - this.#offset;
    if (seconds < this.#newest - MAX_REORDER) {
      this.jumps.push(this.#newest);
      this.#offset -= this.#newest + STEP - seconds;
      seconds = this.#newest + STEP;
    }
    if (seconds < this.#newest) this.reorders = true;
    this.#newest = Math.max(this.#newest, seconds);
    this.#waiting.push(picture);
    const place = this.#times.findLastIndex((time) => time <= seconds) + 1;
    this.#learnDepth(this.#times.length - place);
    this.#times.splice(place, 0, seconds);
    if (this.#waiting.length > HELD_BACK) yield* this.#next();
  }

  /** Gives the rest. */
  *flush(): Generator<readonly [picture: T, seconds: number]> {
    while (this.#waiting.length > 0) yield* this.#next();
  }

  /** @param overtaken pictures that were sent before this one and are shown after it. */
  #learnDepth(overtaken: number): void {
    if (overtaken <= this.#depth) {
      if (++this.#punctual > PATIENCE) this.#late = 0;
      return;
    }
    this.#punctual = 0;
    if (++this.#late < MIN_LATE) return;
    this.#late = 0;
    this.#depth += 1;
  }

  *#next(): Generator<readonly [picture: T, seconds: number]> {
    const picture = this.#waiting.shift();
    const isHeldBack = this.isUnannounced && this.#times.length <= this.#waiting.length + this.#depth;
    const next = isHeldBack ? this.#times[0] : this.#times.shift();
    this.#last = Math.max(this.#last, next ?? 0);
    if (picture !== undefined) yield [picture, this.#last];
  }
}
