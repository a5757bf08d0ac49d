/** The detector learns the scene before a camera may sleep for the first time in a session. */
const START_HOLD_MS = 8000;
/** Also the first time of all, packets must have been judged for some time; where that takes too long, they will be later. */
const JUDGE_MS = 10_000;
const MAX_START_HOLD_MS = 30_000;

/** How long a camera is kept awake at the start of a session. */
export class StartHold {
  #startedAt: number | undefined;
  #warmAt: number | undefined;

  /** @param isWarm sizes of packets were learnt in an earlier session. */
  constructor(isWarm: boolean) {
    if (isWarm) this.#warmAt = Number.NEGATIVE_INFINITY;
  }

  /** Call it with each access unit. */
  holds(at: number, isWarm: boolean): boolean {
    this.#startedAt ??= at;
    if (isWarm) this.#warmAt ??= at;
    const age = at - this.#startedAt;
    const judged = at - (this.#warmAt ?? at);
    return age < START_HOLD_MS || (age < MAX_START_HOLD_MS && judged < JUDGE_MS);
  }
}
