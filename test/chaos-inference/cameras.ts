/**
 * Cameras on which something moves all the time, from the hand-over to the verdict as in the pipeline: without streams, so that many of them
 * cost nothing.
 */
import { expect, onTestFinished } from 'vitest';
import { ask, type Outcome, type TriggeredFrame, unknown } from '../../src/ask.ts';
import { CameraStats } from '../../src/camera-stats.ts';
import { inferenceConfig } from '../../src/inference/config.ts';
import { CurrentInference } from '../../src/inference/current-inference.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import type { UnknownReason } from '../../src/inference/verdict.ts';
import { Handover } from '../../src/trigger/handover.ts';

export interface Told {
  readonly camera: string;
  readonly capturedAt: number;
  readonly toldAt: number;
  /** `ok`, or why it is unknown. */
  readonly what: 'ok' | UnknownReason;
  readonly objects: number;
  readonly target: string | undefined;
}

export interface Cameras {
  readonly told: readonly Told[];
  readonly inference: CurrentInference;
  since(at: number): Told[];
  /** Books of all cameras, checked. */
  books(): { triggered: number; answered: number; unknown: number; inFlight: number; requests: number };
  /** Stops the cameras and waits until all is settled. */
  stop(): Promise<void>;
}

export interface CamerasOptions {
  readonly count: number;
  /** Of each camera. */
  readonly intervalMs: number;
  readonly inference: Record<string, unknown>;
}

/** Stopped after the test. */
export function startCameras({ count, intervalMs, inference: settings }: CamerasOptions): Cameras {
  const config = inferenceConfig.parse({ deadline: '2s', ...settings });
  const inference = new CurrentInference(config, openInferenceClient);
  const ends = Array.from({ length: count }, () => new AbortController());
  const told: Told[] = [];
  const stats: CameraStats[] = [];
  const offered: number[] = [];
  const running = ends.map(async (end, index) => {
    const camera = `camera${index}`;
    const figures = new CameraStats();
    stats.push(figures);
    offered.push(0);
    const settled = new Set<TriggeredFrame>();
    const settle = (frame: TriggeredFrame, { verdict }: Outcome) => {
      expect(settled.has(frame), 'settled twice').toBe(false);
      settled.add(frame);
      if (verdict.verdict === 'ok') frame.settlement.answered();
      else frame.settlement.unknown(verdict.reason);
      told.push({
        camera,
        capturedAt: frame.at,
        toldAt: performance.now(),
        what: verdict.verdict === 'ok' ? 'ok' : verdict.reason,
        objects: verdict.verdict === 'ok' ? verdict.detections.length : 0,
        target: verdict.verdict === 'ok' ? verdict.target : undefined,
      });
    };
    const handover = new Handover<TriggeredFrame>((frame, reason) => settle(frame, unknown('coco/1', reason, '')));
    let isFirst = true;
    const offer = () => {
      const moment = { at: performance.now(), time: Date.now() };
      offered[index] = (offered[index] ?? 0) + 1;
      handover.offer({
        ...moment,
        reason: isFirst ? 'opened' : 'interval',
        cause: 'motion',
        deadline: moment.at + config.deadline,
        settlement: figures.ledger.triggered(),
        decode: async () => ({ ...moment, jpeg: Buffer.from(camera) }),
      });
      isFirst = false;
    };
    // Cameras do not tick together.
    await new Promise((resolve) => setTimeout(resolve, (intervalMs * index) / count));
    const timer = setInterval(offer, intervalMs);
    end.signal.addEventListener('abort', () => {
      clearInterval(timer);
      handover.close();
    });
    while (!end.signal.aborted) {
      await handover.waiting(end.signal);
      using permit = await inference.active.permits.acquire(end.signal);
      const frame = permit && handover.takeNow();
      if (frame) settle(frame, await ask(frame, inference, figures, end.signal));
    }
  });

  const books = () => {
    const sum = { triggered: 0, answered: 0, unknown: 0, inFlight: 0, requests: 0 };
    stats.forEach((figures, index) => {
      const { inference: ledger, cost } = figures.snapshot();
      const { triggered, answered, unknown: lost, inFlight } = ledger;
      expect(triggered).toBe(offered[index]);
      expect(triggered).toBe(answered + lost + inFlight);
      expect(lost).toBe(Object.values(ledger.byReason).reduce((all, one) => all + one, 0));
      sum.triggered += triggered;
      sum.answered += answered;
      sum.unknown += lost;
      sum.inFlight += inFlight;
      for (const target of Object.values(cost)) {
        expect(target.requests).toBe(target.answered + target.failed + target.cancelled + target.inFlight);
        sum.requests += target.requests;
      }
    });
    return sum;
  };
  // The identities hold at any moment, not only in the end.
  const check = setInterval(books, 20);
  const stop = async () => {
    clearInterval(check);
    for (const end of ends) end.abort();
    await Promise.all(running);
    await inference[Symbol.asyncDispose]();
    const { triggered, answered, unknown: lost, inFlight } = books();
    expect(inFlight).toBe(0);
    expect(told).toHaveLength(triggered);
    expect(told.filter(({ what }) => what === 'ok')).toHaveLength(answered);
    expect(told.filter(({ what }) => what !== 'ok')).toHaveLength(lost);
    // Unknown is not nothing: every answer has the object that is always there.
    expect(told.filter(({ what, objects }) => what === 'ok' && objects !== 1)).toEqual([]);
  };
  onTestFinished(async () => {
    clearInterval(check);
    for (const end of ends) end.abort();
    await Promise.all(running);
  });
  return { told, inference, since: (at) => told.filter(({ toldAt }) => toldAt >= at), books, stop };
}

/** Of the ages that answers had, in ms; `share` as 0.5 for the median. */
export function ageOf(told: readonly Told[], share: number): number {
  const ages = told
    .filter(({ what }) => what === 'ok')
    .map(({ capturedAt, toldAt }) => toldAt - capturedAt)
    .sort((a, b) => a - b);
  return ages[Math.floor(ages.length * share)] ?? Number.POSITIVE_INFINITY;
}
