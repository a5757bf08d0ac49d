/**
 * One server with what is known of it: whether it is worth asking, how much it takes at once, how large its pictures may be.
 */
import { LinkedAbort, sleep } from '../lib/abort.ts';
import type { Account, Expense } from './account.ts';
import type { Adapter, Outcome } from './adapters/adapter.ts';
import { createAdapter } from './adapters/adapters.ts';
import { Breaker, type BreakerState } from './breaker.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { InferenceConfig, TargetConfig } from './config.ts';
import { errorFailure, type Failure, said } from './failure.ts';
import { HealthWatch } from './health-watch.ts';
import { type HttpTarget, openHttpTarget } from './http-target.ts';
import { RetryBudget } from './retry-budget.ts';
import { smallerPicture } from './smaller-picture.ts';

/** Full jitter of a retry: it waits for a random part of this, on top of what the server asks for. */
const RETRY_JITTER_MS = 200;
/** A retry with less time than this left for the answer would only be paid for. */
const MIN_ANSWER_MS = 50;
/** A target that got less time than this, and less than twice its usual latency, is not to blame for a timeout. */
const FAIR_MS = 1000;
const HEALTH_TIMEOUT_MS = 2000;

/** One frame for this target. */
export interface Ask {
  readonly jpeg: Buffer;
  /** As project/version, before the target's own model takes its place. */
  readonly model: string;
  /** `performance.now()`. */
  readonly deadline: number;
  readonly account: Account | undefined;
  readonly signal: AbortSignal;
}

export interface TargetSnapshot {
  readonly name: string;
  /** Without secrets. */
  readonly url: string;
  readonly api: string;
  readonly model: string;
  readonly state: BreakerState;
  /** Why it is not closed. */
  readonly problem?: string;
  /** Requests it may have at once, found out from its latency. */
  readonly limit: number;
  readonly inFlight: number;
  /** Latency without a queue. */
  readonly latencyMs?: number;
}

export class Target implements AsyncDisposable {
  readonly config: TargetConfig;
  readonly http: HttpTarget;
  readonly limit: ConcurrencyLimit;
  readonly #shared: InferenceConfig;
  readonly #adapter: Adapter;
  readonly #onChange: () => void;
  readonly #breakers = new Map<string, Breaker>();
  readonly #retries = new RetryBudget();
  readonly #healthWatch: HealthWatch;
  #inFlight = 0;
  /** Bytes of the smallest picture that was too large. */
  #tooLarge = Number.POSITIVE_INFINITY;

  /** @param onChange called when the limit or the readiness may have changed. */
  constructor(config: TargetConfig, shared: InferenceConfig, onChange: () => void) {
    this.config = config;
    this.http = openHttpTarget(config);
    this.limit = new ConcurrencyLimit(shared.concurrency);
    this.#shared = shared;
    this.#adapter = createAdapter(this.http, config);
    this.#onChange = onChange;
    this.#healthWatch = new HealthWatch((signal) => this.health(signal), onChange);
  }

  modelFor(model: string): string {
    return this.config.model ?? model;
  }

  /** Of one model: another one of the same server may well work. */
  breaker(model: string): Breaker {
    const name = this.modelFor(model);
    const known = this.#breakers.get(name);
    if (known) return known;
    const breaker = new Breaker(this.#shared.deadline);
    this.#breakers.set(name, breaker);
    return breaker;
  }

  snapshot(model: string): TargetSnapshot {
    const breaker = this.breaker(model);
    const { baseMs } = this.limit;
    return {
      name: this.config.name,
      url: this.http.display,
      api: this.config.api,
      model: this.modelFor(model),
      state: breaker.state(performance.now()),
      ...(breaker.failure && { problem: breaker.failure.message }),
      limit: this.limit.value,
      inFlight: this.#inFlight,
      ...(baseMs !== undefined && { latencyMs: Math.round(baseMs) }),
    };
  }

  /** Asks, and once more where that may help. The breaker must have admitted the frame. Never rejects. */
  async ask(ask: Ask): Promise<Outcome> {
    const picture = ask.jpeg.length >= this.#tooLarge ? await this.#smaller(ask.jpeg) : ask.jpeg;
    const first = await this.#attempt(ask, picture);
    if ('detections' in first) return first;
    if (first.isTooLarge) {
      this.#tooLarge = Math.min(this.#tooLarge, picture.length);
      // Smaller already: it will not become small enough.
      if (picture !== ask.jpeg) return first;
      const smaller = await this.#smaller(ask.jpeg);
      return smaller.length < ask.jpeg.length && this.#admitAgain(ask) ? this.#attempt(ask, smaller) : first;
    }
    // At most one: hosted answers are paid for one by one.
    if (first.retryAfterMs === undefined || !this.#retries.allowsRetry) return first;
    const wait = first.retryAfterMs + Math.random() * RETRY_JITTER_MS;
    const needed = Math.max(MIN_ANSWER_MS, this.limit.baseMs ?? 0);
    if (wait + needed > ask.deadline - performance.now()) return first;
    await sleep(wait, ask.signal);
    if (ask.signal.aborted) return stopped;
    return this.#admitAgain(ask) ? this.#attempt(ask, picture) : first;
  }

  /** Whether the target says that it is well, or knows no such question. */
  async health(signal: AbortSignal, timeoutMs = HEALTH_TIMEOUT_MS): Promise<Failure | undefined> {
    using link = new LinkedAbort(signal, timeoutMs);
    try {
      const { status, body } = await this.http.request({ method: 'GET', path: this.#adapter.healthPath }, link.signal);
      if (status < 500 || status === 501) return undefined;
      const message = `${this.http.display} is not ready yet${said(body.toString(), this.http.clean)}`;
      return { reason: 'unavailable', message };
    } catch (error) {
      const failure = errorFailure(this.http.display, error, this.http.clean);
      return link.timedOut ? { reason: 'timeout', message: `${this.http.display} does not answer` } : failure;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#healthWatch[Symbol.dispose]();
    await this.http[Symbol.asyncDispose]();
  }

  #admitAgain({ model }: Ask): boolean {
    return this.breaker(model).admit(performance.now());
  }

  /** One request, one outcome, and what is learnt from it. */
  async #attempt({ model: wanted, deadline, account, signal }: Ask, jpeg: Buffer): Promise<Outcome> {
    const sentAt = performance.now();
    const remainingMs = deadline - sentAt;
    const model = this.modelFor(wanted);
    const { confidence, overlap } = this.#shared;
    using link = new LinkedAbort(signal, remainingMs);
    let expense: Expense | undefined;
    const onSend = (bytes: number) => {
      expense ??= account?.request(this.config, bytes);
    };
    this.#inFlight += 1;
    const underWay = this.#inFlight;
    const raw = await this.#adapter.ask({ model, jpeg, confidence, overlap, remainingMs, onSend }, link.signal);
    this.#inFlight -= 1;
    const outcome = 'reason' in raw && link.signal.aborted ? this.#givenUp(link.timedOut, model) : raw;
    const now = performance.now();
    expense?.settle('detections' in outcome ? 'answered' : link.signal.aborted ? 'cancelled' : 'failed', now - sentAt);
    this.#learn(outcome, { wanted, sentAt, now, underWay, remainingMs });
    return outcome;
  }

  #learn(
    outcome: Outcome,
    at: { wanted: string; sentAt: number; now: number; underWay: number; remainingMs: number },
  ): void {
    const { wanted, sentAt, now, underWay, remainingMs } = at;
    const breaker = this.breaker(wanted);
    if ('detections' in outcome) {
      this.#retries.answered();
      breaker.passed(now);
      this.limit.answered(sentAt, now, underWay);
    } else if (outcome.reason === 'stopped' || (outcome.reason === 'timeout' && !this.#isFair(remainingMs))) {
      breaker.cancelled();
    } else {
      const wasClosed = breaker.state(now) === 'closed';
      breaker.failed(now, outcome);
      if (outcome.reason !== 'rejected') {
        this.#retries.failed();
        this.limit.failed(sentAt, now);
      }
      if (wasClosed && breaker.state(now) !== 'closed') this.limit.reset(now);
      this.#healthWatch.watch(breaker);
    }
    this.#onChange();
  }

  #isFair(remainingMs: number): boolean {
    const usual = this.limit.baseMs;
    return remainingMs >= Math.min(FAIR_MS, usual === undefined ? FAIR_MS : 2 * usual);
  }

  #givenUp(timedOut: boolean, model: string): Failure {
    if (!timedOut) return stopped;
    return { reason: 'timeout', message: `${this.http.display} did not answer ${model} before the deadline` };
  }

  async #smaller(jpeg: Buffer): Promise<Buffer> {
    try {
      return await smallerPicture(jpeg);
    } catch {
      // It cannot be decoded here: the server shall say what is wrong with it.
      return jpeg;
    }
  }
}

export const stopped: Failure = { reason: 'stopped', message: 'stopped before the model answered' };
