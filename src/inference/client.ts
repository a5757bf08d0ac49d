import type { ProbeResult } from '../lib/probe.ts';
import type { Picture } from '../source/frame.ts';
import type { Verdict } from './verdict.ts';

export interface InferOptions {
  /** Model to ask, as project/version. */
  readonly model: string;
  /** `performance.now()` at which the answer is worth nothing any more. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** Disposing it waits for the answers under way, at most until their deadlines. */
export interface InferenceClient extends AsyncDisposable {
  /**
   * The model's verdict on `picture`. Never rejects: whatever the server or the network does, the result is a verdict, and an abort of
   * `signal` is the reason `stopped`. `latencyMs` counts from this call, retry included. Not queued: every call is sent at once.
   */
  infer(picture: Picture, options: InferOptions): Promise<Verdict>;
  /** Asks the configured model about a plain picture, so that key, model and kind of model are checked too. Never rejects. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
}
