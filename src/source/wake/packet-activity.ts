/**
 * Motion seen in the sizes of compressed pictures, without decoding any. What moves costs bits; what a picture costs at rest depends on its
 * place in the GOP. So each place has a baseline of its own (mean and spread of the logarithm of the size), and what exceeds it adds up
 * in a one-sided CUSUM (Page, Continuous inspection schemes, Biometrika 41, 1954).
 */

/** Standard deviations that are forgiven each picture, and at which the sum counts as motion. */
const DRIFT = 0.75;
const THRESHOLD = 8;
/** Weight of a new size in its baseline; a baseline is trusted after some GOPs only. */
const LEARNING = 0.06;
const WARM_UP_GOPS = 4;
/** The spread is never taken to be less than this (in log2 of bytes): encoders differ by a few bytes from picture to picture. */
const MIN_SPREAD = 0.06;
/** Added to each size: among pictures that are nearly empty, some bytes more or less mean nothing. */
const HEADER_BYTES = 200;
/** One picture can add this much at most: a single damaged or huge one is no motion yet. */
const MAX_STEP = 4;
/** What a wake in vain does to the threshold, how fast it is forgotten per GOP, and its bound. */
const DESENSITISE = 1.6;
const FORGET = 0.9995;
const MAX_FACTOR = 16;
/** Longer GOPs share the last baseline. */
const MAX_POSITIONS = 600;

/** The level beyond which the sum does not grow. */
const CEILING = 1.3;

/** Whether the scene is at rest, as far as is known without packets. */
export type Rest = 'sure' | 'likely' | 'none';

interface Baseline {
  mean: number;
  variance: number;
  seen: number;
}

export class PacketActivity {
  readonly #baselines: Baseline[] = [];
  #position = -1;
  #sum = 0;
  #factor = 1;

  /** How near to motion it is: 1 and more is motion. */
  get level(): number {
    return this.#sum / (THRESHOLD * this.#factor);
  }

  /** Enough was seen of this stream for a verdict. */
  get isWarm(): boolean {
    return (this.#baselines[1]?.seen ?? 0) >= WARM_UP_GOPS;
  }

  /**
   * Takes the size of the next access unit in bytes; true when something moves.
   * @param rest what is known besides: at `sure` rest the size becomes part of the baseline whatever it is, else only while it is no motion by
   * itself; while something moves, `none`, nothing is learnt, or motion would become the rule.
   */
  push(bytes: number, key: boolean, rest: Rest): boolean {
    if (key) {
      this.#position = -1;
      this.#factor = Math.max(1, this.#factor * FORGET);
    }
    this.#position = Math.min(this.#position + 1, MAX_POSITIONS - 1);
    const value = Math.log2(bytes + HEADER_BYTES);
    this.#baselines[this.#position] ??= { mean: value, variance: MIN_SPREAD, seen: 0 };
    const baseline = this.#baselines[this.#position] as Baseline;
    const deviation = value - baseline.mean;
    const spread = Math.max(MIN_SPREAD, Math.sqrt(baseline.variance));
    if (baseline.seen >= WARM_UP_GOPS && !key) {
      // Bounded, so that it falls soon after the motion is over.
      const ceiling = CEILING * THRESHOLD * this.#factor;
      this.#sum = Math.min(ceiling, Math.max(0, this.#sum + Math.min(MAX_STEP, deviation / spread - DRIFT)));
    }
    const moves = this.level >= 1;
    if (rest === 'sure' || (rest === 'likely' && !moves)) {
      const weight = Math.max(LEARNING, 1 / (baseline.seen + 1));
      baseline.mean += weight * deviation;
      baseline.variance += weight * (deviation * deviation - baseline.variance);
      baseline.seen += 1;
    }
    return moves;
  }

  /** The decoder looked and found nothing: be harder to wake for a while. */
  wasWrong(): void {
    this.#factor = Math.min(MAX_FACTOR, this.#factor * DESENSITISE);
    this.#sum = 0;
  }

  /** Begins to count anew, e.g. when the camera goes back to sleep. */
  reset(): void {
    this.#sum = 0;
  }
}
