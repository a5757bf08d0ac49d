import type { CameraStats } from './camera-stats.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import type { Settlement } from './inference/ledger.ts';
import type { UnknownReason, Verdict } from './inference/verdict.ts';
import { LinkedAbort } from './lib/abort.ts';
import { describeError, isFramegateError } from './lib/errors.ts';
import type { Moment, Picture } from './source/frame.ts';
import type { TriggerReason } from './trigger/sampler.ts';

/** A frame that the model should answer. */
export interface TriggeredFrame extends Moment {
  readonly reason: TriggerReason;
  /** `performance.now()` after which an answer is worth nothing. */
  readonly deadline: number;
  readonly settlement: Settlement;
  /** Decodes the full-resolution picture. */
  readonly decode: (signal: AbortSignal) => Promise<Picture>;
}

/** What came of a triggered frame, with the picture that the model was shown if it came so far. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly picture?: Picture;
}

/** Decodes the picture of a frame and asks the model about it, within the frame's deadline. */
export async function ask(
  frame: TriggeredFrame,
  { active: { client, config } }: CurrentInference,
  stats: CameraStats,
  signal: AbortSignal,
): Promise<Outcome> {
  using link = new LinkedAbort(signal, frame.deadline - performance.now());
  let picture: Picture;
  try {
    picture = await frame.decode(link.signal);
  } catch (error) {
    if (!isFramegateError(error)) throw error;
    return signal.aborted
      ? unknown(config.model, 'stopped', 'stopped')
      : unknown(config.model, 'no_picture', describeError(error));
  }
  stats.sent();
  return { picture, verdict: await client.infer(picture, { model: config.model, deadline: frame.deadline, signal }) };
}

export function unknown(model: string, reason: UnknownReason, message: string): Outcome {
  return { verdict: { verdict: 'unknown', model, latencyMs: 0, reason, message } };
}
