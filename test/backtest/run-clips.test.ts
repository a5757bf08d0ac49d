import { expect, it } from 'vitest';
import type { ClipOutcome } from '../../src/backtest/detail.ts';
import type { ClipJob } from '../../src/backtest/replay.ts';
import { runClips } from '../../src/backtest/run-clips.ts';
import { sleep } from '../../src/lib/abort.ts';

const job = (file: string): ClipJob => ({
  file,
  build: { path: 'ffmpeg', version: '1', libavcodec: 60, origin: 'system' },
  variants: [],
  wantsDetail: false,
});
const outcome = (codec: string): ClipOutcome => ({
  ...{ seconds: 1, frames: 1, width: 1, height: 1, codec, notes: [], runs: [], cpuSeconds: 0 },
  ...{ detail: undefined, answers: undefined },
});

it('goes on with the other clips when one fails, as many at a time as it may, and answers in order', async () => {
  let now = 0;
  let most = 0;
  const fractions: number[] = [];
  const results = await runClips(
    ['a', 'b', 'c', 'd'].map(job),
    async ({ file }, onProgress) => {
      now += 1;
      most = Math.max(most, now);
      onProgress(5, 10);
      await sleep(file === 'a' ? 60 : 10);
      now -= 1;
      if (file === 'b') throw new TypeError('b is broken');
      return outcome(file);
    },
    { atOnce: 2, onProgress: (_, fraction) => fractions.push(fraction) },
    new AbortController().signal,
  );
  expect(most).toBe(2);
  expect(results.map((one) => ('error' in one ? String(one.error) : one.outcome.codec))).toEqual([
    'a',
    'TypeError: b is broken',
    'c',
    'd',
  ]);
  expect(fractions[0]).toBe(0.125);
  expect(fractions.at(-1)).toBe(1);
});

it('stops when the user wants to', async () => {
  const stop = new AbortController();
  const running = runClips(
    ['a', 'b'].map(job),
    async (_, __, signal) => {
      await sleep(10_000, signal);
      return outcome('never');
    },
    { atOnce: 1, onProgress: () => undefined },
    stop.signal,
  );
  stop.abort();
  await expect(running).rejects.toThrow();
});
