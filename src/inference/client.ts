import type { ProbeResult } from '../lib/probe.ts';
import type { Account } from './account.ts';
import type { Failure } from './failure.ts';
import type { TargetSnapshot } from './target.ts';
import type { Verdict } from './verdict.ts';

export interface InferOptions {
  /** Model to ask, as project/version. */
  readonly model: string;
  /** `performance.now()` at which the answer is worth nothing any more. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  /** Where the requests are booked. */
  readonly account?: Account;
}

export interface TargetProbe extends ProbeResult {
  /** Name of the target. */
  readonly target: string;
}

/** What the model is shown. */
export interface Shown {
  readonly jpeg: Buffer;
}

/** Disposing it waits for the answers under way, at most until their deadlines. */
export interface InferenceClient extends AsyncDisposable {
  /**
   * The model's verdict on `picture`. Never rejects: whatever the servers or the network do, the result is a verdict, and an abort of
   * `signal` is the reason `stopped`. `latencyMs` counts from this call, retries and other targets included. Not queued: every call is sent at once.
   */
  infer(picture: Shown, options: InferOptions): Promise<Verdict>;
  /** Why no target can be asked for `model` now; undefined when one can. Spares the decoding of pictures that nobody would look at. */
  refusal(model: string): Failure | undefined;
  /** Asks each target about a plain picture, so that key, model and kind of model are checked too; in the order of the config. Never rejects. */
  probe(signal: AbortSignal): Promise<readonly TargetProbe[]>;
  /** What is known of the targets, in the order of the config. */
  targets(model: string): readonly TargetSnapshot[];
}
