import { ask, type Outcome } from '../ask.ts';
import { CameraStats } from '../camera-stats.ts';
import type { InferenceConfig } from '../inference/config.ts';
import { areaToShow } from '../inference/crop.ts';
import { CurrentInference } from '../inference/current-inference.ts';
import { openInferenceClient } from '../inference/http-client.ts';
import type { Box } from '../lib/box.ts';
import { createRecentMotion } from '../motion/recent-motion.ts';
import type { AccessUnit } from '../source/access-unit.ts';
import type { LumaFrame } from '../source/frame.ts';
import type { TriggerReason } from '../trigger/sampler.ts';
import type { Seen } from '../watch.ts';
import type { Answer } from './detail.ts';
import type { Shots } from './shots.ts';
import type { SimulatedCamera, Witness } from './simulated-camera.ts';

/** A frame to ask about, with where something moved shortly before. */
interface Pending {
  readonly units: readonly AccessUnit[];
  readonly reason: TriggerReason;
  readonly motion: readonly Box[];
  readonly area: Box | undefined;
}

/** Asks the model about triggered frames, one after the other. The clip waits for each answer, so no frame is lost to a slow model. */
export class Questions implements Witness, AsyncDisposable {
  readonly #inference: CurrentInference;
  readonly #shots: Shots;
  readonly #signal: AbortSignal;
  readonly #stats = new CameraStats();
  readonly answers: Answer[] = [];
  readonly #recentMotion = createRecentMotion();
  #pending: Pending[] = [];

  constructor(config: InferenceConfig, shots: Shots, signal: AbortSignal) {
    this.#inference = new CurrentInference(config, openInferenceClient);
    this.#shots = shots;
    this.#signal = signal;
  }

  saw(frame: LumaFrame, { reason, look }: Seen, camera: SimulatedCamera): void {
    const { at } = frame;
    this.#recentMotion.push(look.regions, at);
    if (!reason) return;
    const motion = this.#recentMotion.regions(at);
    this.#pending.push({ units: camera.unitsUpTo(at), reason, motion, area: areaToShow(frame, motion) });
  }

  /** Resolves when all of them have been answered. */
  async settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const frame of pending) {
      const at = frame.units.at(-1)?.at ?? 0;
      this.answers.push(answer(at / 1000, await this.#ask(frame, at)));
    }
  }

  async #ask({ units, reason, motion, area }: Pending, at: number): Promise<Outcome> {
    const settlement = this.#stats.ledger.triggered();
    const decode = async (signal: AbortSignal) => ({ jpeg: await this.#shots.whole(units, signal), at, time: at });
    // The clip has stopped meanwhile, so the deadline counts from now and not from its own time.
    const deadline = performance.now() + this.#inference.active.config.deadline;
    const frame = { at, time: at, reason, cause: 'motion' as const, deadline, settlement, decode, motion, area };
    const outcome = await ask(frame, this.#inference, this.#stats, this.#signal);
    if (outcome.verdict.verdict === 'ok') settlement.answered();
    else settlement.unknown(outcome.verdict.reason);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inference[Symbol.asyncDispose]();
  }
}

function answer(t: number, { verdict }: Outcome): Answer {
  if (verdict.verdict === 'unknown') return { t, verdict: 'unknown', reason: verdict.reason };
  const labels = verdict.detections.map(({ label, score }) => ({ label, score: Math.round(score * 1000) / 1000 }));
  return { t, verdict: 'ok', labels };
}
