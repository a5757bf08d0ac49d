import type { CameraStats } from './camera-stats.ts';
import { cutOut, uncrop } from './inference/crop.ts';
import type { CurrentInference } from './inference/current-inference.ts';
import type { Settlement } from './inference/ledger.ts';
import type { UnknownReason, Verdict } from './inference/verdict.ts';
import { LinkedAbort } from './lib/abort.ts';
import type { Box } from './lib/box.ts';
import { describeError, isFramegateError } from './lib/errors.ts';
import type { Moment, Picture } from './source/frame.ts';
import type { TriggerCause } from './trigger/cause.ts';
import type { TriggerReason } from './trigger/sampler.ts';

/** A frame that the model should answer. */
export interface TriggeredFrame extends Moment {
  readonly reason: TriggerReason;
  readonly cause: TriggerCause;
  /** `performance.now()` after which an answer is worth nothing. */
  readonly deadline: number;
  readonly settlement: Settlement;
  /** Where something moved lately; undefined where it is not motion that triggered it. */
  readonly motion?: readonly Box[];
  /** What the model should see of it; undefined for all. */
  readonly area?: Box | undefined;
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
  const { model } = config;
  // Nobody would look at it: its picture is not worth decoding.
  const refusal = client.refusal(model);
  if (refusal) return unknown(model, refusal.reason, refusal.message);
  using link = new LinkedAbort(signal, frame.deadline - performance.now());
  let picture: Picture;
  try {
    picture = await frame.decode(link.signal);
  } catch (error) {
    if (!isFramegateError(error)) throw error;
    return signal.aborted ? unknown(model, 'stopped', 'stopped') : unknown(model, 'no_picture', describeError(error));
  }
  const cut = config.crop === 'auto' && frame.area ? await cutOut(picture, frame.area) : undefined;
  const options = { model, deadline: frame.deadline, signal, account: stats.sending() };
  const verdict = await client.infer({ jpeg: cut?.jpeg ?? picture.jpeg }, options);
  if (!cut || verdict.verdict === 'unknown') return { picture, verdict };
  return { picture, verdict: { ...verdict, detections: uncrop(verdict.detections, cut.crop, cut.size) } };
}

export function unknown(model: string, reason: UnknownReason, message: string): Outcome {
  return { verdict: { verdict: 'unknown', model, latencyMs: 0, reason, message } };
}
