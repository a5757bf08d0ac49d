/**
 * Bringing a model up, on whatever runs it.
 */
import { FramegateError } from '../lib/errors.ts';
import type { KeyedModel, Lane } from './lane.ts';
import type { ExecRunner } from './runner/exec-runner.ts';
import type { LoadedModel } from './worker-protocol.ts';

/** Throws ERR_INFERENCE_UNAVAILABLE when there is no worker, and what the worker throws. */
export async function loadInto(lane: Lane | undefined, model: KeyedModel): Promise<LoadedModel> {
  if (lane) return lane.load(model);
  throw new FramegateError('ERR_INFERENCE_UNAVAILABLE', 'the models are still loading', {
    hint: 'try again in a second',
  });
}

/** Throws ERR_WORKER_FAILED when it does not come up; it is stopped then. */
export async function startRunner(runner: ExecRunner): Promise<LoadedModel> {
  try {
    await runner.start();
  } catch (error) {
    await runner.stop();
    throw error;
  }
  return { inputs: [], outputs: [], hasBatchAxis: false, bytes: 0, fallback: '' };
}
