/**
 * Whether one target should be asked for one model. Cameras come in bursts with hours between them, so the rate of failures is taken over a
 * window of time, with a minimum; what is older does not count. (Windows by number of calls keep stale counts for hours, and rates without a
 * minimum open on the first failure of a quiet night.)
 *
 * After too many failures it is open: nothing is sent until the target's health route does not say no, and then one frame, the trial, decides. A
 * refusal (wrong key, no such model) opens it at once and for longer, since only a person can mend that; a pause the server asked for is kept.
 *
 * All times are monotonic ms, given by the caller.
 */
import type { Failure } from './failure.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Too many failures: this many of the latest requests, and this part of them. */
const MIN_FAILURES = 6;
const MAX_FAILURE_RATE = 0.8;
/** Or this many timeouts without an answer between them: each has cost a whole deadline. */
const MAX_TIMEOUTS = 2;
/** The latest: all of this time, or as many as are needed to judge at all. */
const LATEST_MS = 10_000;

/** First wait after opening; doubles with each trial that fails. The waits are jittered to between half and the whole of it. */
const FAULT_WAIT = { initialMs: 1000, maxMs: 8000 };
const REFUSAL_WAIT = { initialMs: 15_000, maxMs: 120_000 };
/** Closed for this long, it begins with the first wait again. */
const FORGIVEN_MS = 60_000;

interface Outcome {
  readonly at: number;
  readonly what: 'answer' | 'timeout' | 'failure';
}

interface Opened {
  readonly until: number;
  readonly failure: Failure;
  /** The health route has to be asked first. */
  readonly needsHealth: boolean;
}

export class Breaker {
  readonly #windowMs: number;
  /** Oldest first. */
  #outcomes: Outcome[] = [];
  #opened: Opened | undefined;
  #isTrialUnderWay = false;
  /** Openings in a row. */
  #attempts = 0;
  #closedAt = 0;

  /** @param deadlineMs of a frame: a target that hangs fails once in that time, so the window must hold several of them. */
  constructor(deadlineMs: number) {
    this.#windowMs = Math.max(30_000, 6 * deadlineMs);
  }

  /** Why nothing is sent; undefined when closed. */
  get failure(): Failure | undefined {
    return this.#opened?.failure;
  }

  /** When the health route should be asked; undefined when that is of no use. */
  get healthDueAt(): number | undefined {
    return this.#opened?.needsHealth ? this.#opened.until : undefined;
  }

  state(now: number): BreakerState {
    if (!this.#opened) return 'closed';
    return now >= this.#opened.until && !this.#opened.needsHealth ? 'half_open' : 'open';
  }

  /** Whether a frame would be let through now. */
  wouldAdmit(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half_open' && !this.#isTrialUnderWay);
  }

  /** Lets a frame through; where it is half open, as the one trial. Tell what became of it with `passed`, `failed` or `cancelled`. */
  admit(now: number): boolean {
    if (!this.wouldAdmit(now)) return false;
    if (this.#opened) this.#isTrialUnderWay = true;
    return true;
  }

  passed(now: number): void {
    this.#note(now, 'answer');
    if (this.#opened) {
      this.#outcomes = [];
      this.#closedAt = now;
    }
    this.#opened = undefined;
    this.#isTrialUnderWay = false;
  }

  /** Nothing is known of the target: its answer was not waited for. */
  cancelled(): void {
    this.#isTrialUnderWay = false;
  }

  failed(now: number, failure: Failure): void {
    if (failure.isPause) this.#pause(now, failure);
    else if (failure.reason === 'unauthorized' || failure.reason === 'model_not_found') this.#refusal(now, failure);
    // The request was at fault, or the server has too much to do: it works.
    else if (failure.reason === 'rejected' || failure.reason === 'overloaded') this.passed(now);
    else this.#fault(now, failure);
  }

  /** The health route says yes, or does not exist: the next frame may try. */
  healthy(): void {
    if (this.#opened) this.#opened = { ...this.#opened, needsHealth: false };
  }

  /** The health route says no. */
  unhealthy(now: number): void {
    if (this.#opened) this.#open(now, this.#opened.failure, FAULT_WAIT, true);
  }

  #fault(now: number, failure: Failure): void {
    this.#note(now, failure.reason === 'timeout' ? 'timeout' : 'failure');
    // What was under way when it opened says nothing new.
    const isTrial = this.#opened !== undefined && this.#isTrialUnderWay;
    if (isTrial || (!this.#opened && this.#isTooMuch(now))) this.#open(now, failure, FAULT_WAIT, true);
  }

  #isTooMuch(now: number): boolean {
    const newest = this.#outcomes.toReversed();
    const answer = newest.findIndex(({ what }) => what === 'answer');
    const unanswered = answer < 0 ? newest : newest.slice(0, answer);
    if (unanswered.filter(({ what }) => what === 'timeout').length >= MAX_TIMEOUTS) return true;
    const latest = newest.filter(({ at }, index) => index < MIN_FAILURES || now - at <= LATEST_MS);
    const failures = latest.filter(({ what }) => what !== 'answer').length;
    return failures >= MIN_FAILURES && failures / latest.length >= MAX_FAILURE_RATE;
  }

  #refusal(now: number, failure: Failure): void {
    if (!this.#opened || this.#isTrialUnderWay) this.#open(now, failure, REFUSAL_WAIT, false);
  }

  #pause(now: number, failure: Failure): void {
    this.#isTrialUnderWay = false;
    const until = now + (failure.retryAfterMs ?? 0);
    if (!this.#opened || until > this.#opened.until) this.#opened = { until, failure, needsHealth: false };
  }

  #open(now: number, failure: Failure, wait: typeof FAULT_WAIT, needsHealth: boolean): void {
    if (!this.#opened && now - this.#closedAt > FORGIVEN_MS) this.#attempts = 0;
    const bound = Math.min(wait.maxMs, wait.initialMs * 2 ** this.#attempts);
    this.#attempts += 1;
    this.#opened = { until: now + bound * (0.5 + Math.random() / 2), failure, needsHealth };
    this.#isTrialUnderWay = false;
    this.#outcomes = [];
  }

  #note(at: number, what: Outcome['what']): void {
    this.#outcomes.push({ at, what });
    while (at - (this.#outcomes[0]?.at ?? at) > this.#windowMs) this.#outcomes.shift();
  }
}
