import { describe, expect, it } from 'vitest';
import type { Figures } from '../../src/backtest/report.ts';
import { hashOf, listSettings, settingsOf } from '../../src/backtest/settings.ts';
import { gridOf } from '../../src/backtest/sweep.ts';
import { costOf, tune } from '../../src/backtest/tune.ts';

const set = (path: string, value: unknown) => ({ path: path.split('.'), value });

describe('settings', () => {
  it('are those of the file with what is changed for this run', () => {
    const { camera } = settingsOf({ motion: { closeDelay: '3s', threshold: 30 } }, [set('motion.threshold', 12)]);
    expect(camera.motion).toMatchObject({ closeDelay: 3000, threshold: 12, sensitivity: 'medium' });
  });

  it('that are wrong are named, with what was meant', () => {
    const complaint = (key: string, value: unknown) => {
      try {
        settingsOf({}, [set(key, value)]);
      } catch (error) {
        const { message, hint, code } = error as { message: string; hint?: string; code: string };
        return `${code} ${message}: ${hint}`;
      }
      return 'none';
    };
    expect(complaint('motion.treshold', 3)).toBe(
      'ERR_USAGE --set motion.treshold: unknown key: did you mean threshold?',
    );
    expect(complaint('threshold', 3)).toBe('ERR_USAGE --set threshold: unknown key: did you mean motion.threshold?');
    expect(complaint('motion.threshold', 3)).toMatch(/ERR_USAGE --set motion\.threshold: must be at least 4/);
  });

  it('are listed as people write them, and marked where they are not the default', () => {
    const listed = listSettings(settingsOf({ motion: { sensitivity: 'high', absorbAfter: '20s' } }));
    const of = (key: string) => listed.find((one) => one.key === key);
    expect(of('motion.sensitivity')).toEqual({ key: 'motion.sensitivity', value: 'high', isDefault: false });
    expect(of('motion.threshold')).toEqual({ key: 'motion.threshold', value: '10', isDefault: true });
    expect(of('motion.confirm')?.value).toBe('200ms');
    expect(of('motion.absorbAfter')).toMatchObject({ value: '20s', isDefault: true });
    expect(listed.some(({ key }) => key.includes('onvif'))).toBe(false);
  });

  it('have a hash of what they do, not of how they are written', () => {
    const hash = (raw: object) => hashOf(settingsOf(raw as never));
    expect(hash({ motion: { threshold: 20, minFrames: 2 } })).toBe(
      hash({ motion: { minFrames: 2, threshold: 20 }, url: 'rtsp://a/' }),
    );
    expect(hash({ motion: { threshold: 20 } })).not.toBe(hash({ motion: { threshold: 21 } }));
    expect(hash({})).toMatch(/^[0-9a-f]{16}$/);
  });

  it('make a grid', () => {
    const grid = gridOf(settingsOf({}), [
      { path: ['motion', 'threshold'], values: [10, 20] },
      { path: ['decode', 'fps'], values: [2, 5] },
    ]);
    expect(grid.map(({ name }) => name)).toEqual([
      'motion.threshold=10 decode.fps=2',
      'motion.threshold=10 decode.fps=5',
      'motion.threshold=20 decode.fps=2',
      'motion.threshold=20 decode.fps=5',
    ]);
    expect(grid[1]?.settings.camera).toMatchObject({ motion: { threshold: 10 }, decode: { fps: 5 } });
  });
});

describe('tuning', () => {
  const figures = (false_events: number, misses: number): Figures => ({
    ...{ seconds: 60, truth_events: 3, events: 3, hits: 3 - misses, misses, false_events, false_events_per_hour: 0 },
    ...{ onset_delay_s: { median: 0, p95: 0 }, frames: 600, frames_seen: 300, frames_decoded: 600 },
    ...{ frames_triggered: 0, frames_by_time: 0, frames_triggered_outside_truth: 0, cpu_seconds: null },
  });

  it('weighs a miss as five false events', () => {
    expect(costOf([figures(5, 0)])).toBe(costOf([figures(0, 1)]));
  });

  it('climbs to the best settings over several rounds', async () => {
    // The best is a threshold of 40, six steps up the ladder.
    const tuned = await tune(
      settingsOf({}),
      2,
      async (variants) => variants.map(({ camera }) => [figures(Math.abs((camera.motion.threshold ?? 16) - 40), 0)]),
      () => undefined,
    );
    expect(tuned.changes).toEqual([set('motion.threshold', 40)]);
    expect(tuned.heldOut).toBe(0);
    expect(tuned.holds).toBe(true);
  });

  it('leaves settings alone that nothing improves', async () => {
    const tuned = await tune(
      settingsOf({}),
      1,
      async (variants) => variants.map(() => [figures(1, 0)]),
      () => undefined,
    );
    expect(tuned.changes).toEqual([]);
  });

  it('says when the best is worse on clips that it was not searched with', async () => {
    const tuned = await tune(
      settingsOf({}),
      6,
      async (variants) =>
        variants.map(({ camera }) => {
          const isHigh = camera.motion.sensitivity === 'high';
          return [0, 1, 2, 3, 4, 5].map((clip) => figures(isHigh === (clip % 3 === 2) ? 4 : 0, 0));
        }),
      () => undefined,
    );
    expect(tuned.changes).toEqual([set('motion.sensitivity', 'high')]);
    expect(tuned.heldOut).toBe(2);
    expect(tuned.holds).toBe(false);
  });
});
