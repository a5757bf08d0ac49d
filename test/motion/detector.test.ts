import { describe, expect, it } from 'vitest';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { MAX_REGIONS } from '../../src/motion/motion.ts';
import { config, film, movingAt, random, square, watch, yard } from './scene.ts';

/** A square of 16 px that crosses the frame from 3 s to 9 s, 40 px a second. */
const walker = square(20, (seconds) => (seconds < 3 || seconds > 9 ? undefined : [30 + 40 * (seconds - 3), 90, 16]));

describe('a quiet scene', () => {
  it('stays quiet under sensor noise', () => {
    const motions = watch({ paint: yard, seconds: 20, noise: 12 });
    expect(movingAt(motions)).toEqual([]);
    expect(motions.at(-1)?.state).toBe('quiet');
  });

  it('stays quiet in a dark, noisy picture without contrast', () => {
    const motions = watch({ paint: () => 30, seconds: 20, noise: 14 });
    expect(movingAt(motions)).toEqual([]);
  });

  it('stays quiet while the light fades slowly', () => {
    const motions = watch({ paint: (x, y, seconds) => yard(x, y) * (1 - seconds / 60), seconds: 40 });
    expect(movingAt(motions)).toEqual([]);
    expect(motions.every(({ state }) => state !== 'scene_change')).toBe(true);
  });

  it('stays quiet while the exposure swings by a third within two seconds', () => {
    const swing = (seconds: number) => 1 - 0.33 * Math.min(1, Math.max(0, (seconds - 5) / 2));
    const motions = watch({ paint: (x, y, seconds) => yard(x, y) * swing(seconds), seconds: 12 });
    expect(new Set(motions.slice(10).map(({ state }) => state))).toEqual(new Set(['quiet']));
  });

  it('stays quiet where white is clipped while the exposure swings', () => {
    const swing = (seconds: number) => 1 - 0.4 * Math.max(0, Math.sin(Math.max(0, seconds - 5) / 1.5));
    const line = (x: number) => (x > 200 && x < 216 ? 280 : 0);
    const motions = watch({ paint: (x, y, seconds) => Math.max(line(x), yard(x, y)) * swing(seconds), seconds: 20 });
    expect(movingAt(motions)).toEqual([]);
  });

  it('gets used to leaves in the wind, and still sees a walker elsewhere', () => {
    const gust = random(3);
    let second = -1;
    let sway = 0;
    const leaves = (x: number, y: number, seconds: number) => {
      if (Math.floor(seconds * 5) !== second) {
        second = Math.floor(seconds * 5);
        sway = Math.floor(gust() * 6);
      }
      return x < 100 && y < 60 ? ((x + sway) % 6 < 3 ? 40 : 120) : yard(x, y);
    };
    const late = square(20, (seconds) => (seconds > 40 ? [120 + 20 * (seconds - 40), 100, 16] : undefined));
    const motions = watch({ paint: (x, y, s) => (x < 100 && y < 60 ? leaves(x, y, s) : late(x, y, s)), seconds: 45 });
    expect(movingAt(motions).filter((seconds) => seconds > 10 && seconds < 40)).toEqual([]);
    expect(movingAt(motions).filter((seconds) => seconds > 40).length).toBeGreaterThan(20);
  });
});

describe('something that moves', () => {
  it('is seen at once, where it is, and is gone when it has left', () => {
    const motions = watch({ paint: walker, seconds: 14 });
    const moving = movingAt(motions);
    expect(moving[0]).toBeLessThanOrEqual(3.2);
    expect(moving.at(-1)).toBeLessThanOrEqual(9.2);
    expect(moving.length).toBeGreaterThanOrEqual(29);
    const [x, y, width, height] = motions[30]?.regions[0] ?? [0, 0, 0, 0];
    expect(x).toBeCloseTo(150 / 320, 1);
    expect(y).toBeCloseTo(90 / 180, 1);
    expect(width).toBeCloseTo(16 / 320, 1);
    expect(height).toBeCloseTo(16 / 180, 1);
    expect(motions[30]?.score).toBeCloseTo(256 / (320 * 180), 2);
  });

  it('is seen in the first frame when it enters the picture and is large, unless the settings ask for longer', () => {
    const enters = (left: number) =>
      square(20, (seconds) => (seconds < 5 ? undefined : [left + 30 * (seconds - 5), 60, 30]));
    expect(movingAt(watch({ paint: enters(0), seconds: 6 }))[0]).toBe(5);
    expect(movingAt(watch({ paint: enters(100), seconds: 6 }))[0]).toBe(5.2);
    expect(movingAt(watch({ paint: enters(0), seconds: 6 }, { confirm: 400 }))[0]).toBe(5.2);
  });

  it('is none of it when it appears at once and does not move at all', () => {
    const appears = square(20, (seconds) => (seconds < 5 ? undefined : [100, 60, 30]));
    expect(movingAt(watch({ paint: appears, seconds: 30 }))).toEqual([]);
  });

  it('is seen in a dull picture, unless contrast is left alone', () => {
    const fog = (x: number, y: number, seconds: number) => 100 + walker(x, y, seconds) / 8;
    expect(movingAt(watch({ paint: fog, seconds: 8, noise: 1 })).length).toBeGreaterThan(10);
    expect(movingAt(watch({ paint: fog, seconds: 8, noise: 1 }, { improveContrast: false }))).toEqual([]);
  });

  it('is no motion when it is smaller than minArea', () => {
    expect(movingAt(watch({ paint: walker, seconds: 8 }, { minArea: 0.02 }))).toEqual([]);
  });

  it('is no motion inside a mask, and is where it leaves the mask', () => {
    const left = [
      [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    ] as const;
    const moving = movingAt(
      watch({ paint: walker, seconds: 14 }, { masks: left.map((area) => [...area].map(([x, y]) => [x, y])) }),
    );
    // Its front passes the middle of the frame after (160 - 30 - 16) / 40 s.
    expect(moving[0]).toBeGreaterThan(3 + 2.85);
    expect(moving[0]).toBeLessThan(3 + 3.6);
  });

  it('is seen alike at 2, 5 and 10 frames a second', () => {
    for (const fps of [2, 5, 10]) {
      const moving = movingAt(watch({ paint: walker, seconds: 14, fps }));
      expect(moving[0]).toBeLessThanOrEqual(3 + 1 / fps);
      expect(moving.at(-1)).toBeLessThanOrEqual(9.01);
      expect(moving.length).toBeGreaterThanOrEqual(6 * fps - 1);
    }
  });

  it('is seen all the while it creeps at eight pixels a second', () => {
    const creeper = square(20, (seconds) => (seconds < 3 ? undefined : [30 + 8 * (seconds - 3), 90, 24]));
    const moving = movingAt(watch({ paint: creeper, seconds: 30 }));
    expect(moving.length).toBeGreaterThanOrEqual(26 * 5);
  });

  it('leaves no ghost where it stood when the camera started', () => {
    const leaver = square(20, (seconds) => [150 + 100 * Math.max(0, seconds - 4), 90, 24]);
    const moving = movingAt(watch({ paint: leaver, seconds: 20 }));
    expect(moving.length).toBeGreaterThan(0);
    expect(moving.at(-1)).toBeLessThan(4 + 5);
  });

  it('yields a bounded number of regions, largest first', () => {
    const dots = (x: number, y: number, seconds: number) =>
      seconds > 3 && (x + 160 - 20 * seconds) % 32 < 8 + (x >> 5) && y % 30 < 12 && x > 8 && y > 8 ? 250 : yard(x, y);
    const regions = watch({ paint: dots, seconds: 4 }).at(-1)?.regions ?? [];
    expect(regions.length).toBe(MAX_REGIONS);
    const areas = regions.map(([, , width, height]) => width * height);
    expect(areas[0]).toBeGreaterThan(areas.at(-1) ?? 0);
  });
});

describe('something that stays', () => {
  const standsSince = 28;
  const leaves = 50;
  const parked = square(200, (seconds) => {
    if (seconds < 25 || seconds >= leaves) return undefined;
    return [Math.min(150, 30 + 40 * (seconds - 25)), 60, 40];
  });

  it.each([2, 5, 10])(
    'is background after absorbAfter at %i frames a second, and its ground is known when it leaves',
    (fps) => {
      const motions = watch({ paint: parked, seconds: 56, fps }, { absorbAfter: 10_000 });
      const between = (from: number, to: number) => motions.filter(({ seconds }) => seconds > from && seconds < to);
      const states = (from: number, to: number) => new Set(between(from, to).map(({ state }) => state));
      expect(states(25.5, standsSince + 9.5)).toEqual(new Set(['moving']));
      expect(states(standsSince + 12, leaves)).toEqual(new Set(['quiet']));
      expect(states(leaves, 56)).toEqual(new Set(['quiet']));
    },
  );
});

describe('a change of the whole scene', () => {
  const step = (x: number, y: number, seconds: number) => (seconds < 6 ? yard(x, y) / 2 : 250 - yard(x, y));

  it.each([2, 5, 10])('is no motion and is learnt within two seconds at %i frames a second', (fps) => {
    const motions = watch({ paint: step, seconds: 12, fps });
    expect(movingAt(motions)).toEqual([]);
    expect(motions.find(({ seconds }) => seconds >= 6)?.state).toBe('scene_change');
    const after = motions.filter(({ seconds }) => seconds >= 8);
    expect(new Set(after.map(({ state }) => state))).toEqual(new Set(['quiet']));
  });

  it('does not blind: what moves after it is seen', () => {
    const paint = (x: number, y: number, seconds: number) =>
      walker(x, y, seconds - 6) === 20 ? 20 : step(x, y, seconds);
    expect(movingAt(watch({ paint, seconds: 14 })).length).toBeGreaterThan(20);
  });
});

describe('the stream', () => {
  it('starts with calibrating, for a second', () => {
    const motions = watch({ paint: yard, seconds: 3 });
    expect(motions.slice(0, 5).map(({ state }) => state)).toEqual(Array(5).fill('calibrating'));
    expect(motions[5]?.state).toBe('quiet');
  });

  it('may change its frame size', () => {
    const detect = createMotionDetector(config());
    for (const frame of film({ paint: yard, seconds: 3 })) detect(frame);
    const smaller = [...film({ paint: yard, seconds: 4, width: 161, height: 91 })];
    const states = smaller.map((frame) => detect({ ...frame, at: frame.at + 3000 }).state);
    expect(states[0]).toBe('calibrating');
    expect(states.at(-1)).toBe('quiet');
  });

  it('starts anew after a long gap', () => {
    const detect = createMotionDetector(config());
    const frames = [...film({ paint: yard, seconds: 3 })];
    for (const frame of frames) detect(frame);
    const last = frames[frames.length - 1]!;
    expect(detect({ ...last, at: last.at + 20_000 }).state).toBe('quiet');
    expect(detect({ ...last, at: last.at + 60_000 }).state).toBe('calibrating');
  });

  it('is judged the same each time it is replayed', () => {
    const scene = { paint: walker, seconds: 8, noise: 10 };
    expect(watch(scene)).toEqual(watch(scene));
  });

  it('is never written to', () => {
    const frames = [...film({ paint: walker, seconds: 4 })];
    const copies = frames.map(({ data }) => Buffer.from(data));
    const detect = createMotionDetector(config());
    for (const frame of frames) detect(frame);
    expect(frames.every(({ data }, index) => copies[index]?.equals(data))).toBe(true);
  });

  it('yields nothing when everything is masked', () => {
    const everything = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as [number, number][];
    const motions = watch({ paint: walker, seconds: 6 }, { masks: [everything] });
    expect(motions.every(({ score, regions }) => score === 0 && regions.length === 0)).toBe(true);
  });
});

describe('what is no thing', () => {
  const flash = (level: number, from: number, until: number) =>
    square(level, (seconds) => (seconds >= from && seconds < until ? [150, 60, 40] : undefined));

  it('is a flash that is seen once', () => {
    expect(movingAt(watch({ paint: flash(250, 5, 5.1), seconds: 10 }))).toEqual([]);
  });

  it('is a lamp that lights a part of the picture, softly, and goes out again', () => {
    const lamp = (x: number, y: number, seconds: number) =>
      seconds > 6 && seconds < 12 ? 1 + 0.8 * Math.exp(-(((x - 200) / 50) ** 2) - ((y - 90) / 50) ** 2) : 1;
    const motions = watch({ paint: (x, y, seconds) => yard(x, y) * lamp(x, y, seconds), seconds: 20 });
    expect(movingAt(motions)).toEqual([]);
  });

  it('is lightning, and the scene is known again in the same second', () => {
    const power = (seconds: number) => (seconds >= 8 && seconds < 8.3 ? 3 : 1);
    const motions = watch({ paint: (x, y, seconds) => yard(x, y) * power(seconds), seconds: 12 });
    expect(movingAt(motions)).toEqual([]);
    expect(motions.some(({ state }) => state === 'scene_change')).toBe(true);
    expect(motions.find(({ seconds }) => seconds >= 9)?.state).toBe('quiet');
  });

  it('is a camera that shakes, and somebody who walks before it is seen', () => {
    const shaken = (paint: typeof walker) => (x: number, y: number, seconds: number) =>
      paint(x + 1.8 * Math.sin(7 * seconds), y + 1.2 * Math.sin(11 * seconds), seconds);
    expect(movingAt(watch({ paint: shaken(yard), seconds: 12 }))).toEqual([]);
    expect(movingAt(watch({ paint: shaken(walker), seconds: 9 })).length).toBeGreaterThan(24);
  });

  it('is a damaged strip at the bottom of one frame', () => {
    const damaged = (x: number, y: number, seconds: number) => (y > 165 && seconds === 6 ? 128 : yard(x, y));
    expect(movingAt(watch({ paint: damaged, seconds: 12 }))).toEqual([]);
  });

  it('is a damaged frame', () => {
    const damaged = (x: number, y: number, seconds: number) =>
      y > 80 && (seconds === 6 || seconds === 9) ? 128 : yard(x, y);
    expect(movingAt(watch({ paint: damaged, seconds: 12 }))).toEqual([]);
  });
});

describe('settings', () => {
  const small = square(20, (seconds) => (seconds < 3 ? undefined : [30 + 40 * (seconds - 3), 90, 7]));
  const faint = (x: number, y: number, seconds: number) => yard(x, y) + (walker(x, y, seconds) === 20 ? 14 : 0);

  it('of a higher sensitivity see smaller and fainter things', () => {
    const seen = (sensitivity: 'low' | 'medium' | 'high', paint: typeof small) =>
      movingAt(watch({ paint, seconds: 8, noise: 1 }, { sensitivity, improveContrast: false })).length;
    expect(seen('low', small)).toBe(0);
    expect(seen('medium', small)).toBeGreaterThan(10);
    expect(seen('medium', faint)).toBe(0);
    expect(seen('high', faint)).toBeGreaterThan(5);
  });

  it('that are set by themselves stand over the sensitivity', () => {
    expect(
      movingAt(watch({ paint: small, seconds: 8 }, { sensitivity: 'low', minArea: 0.0003 })).length,
    ).toBeGreaterThan(5);
  });

  it('leave out what is larger than maxArea', () => {
    expect(movingAt(watch({ paint: walker, seconds: 8 }, { maxArea: 0.002 }))).toEqual([]);
  });

  it('leave out what does not touch the areas of within', () => {
    const corner = (left: number): [number, number][] => [
      [left, 0],
      [left + 0.3, 0],
      [left + 0.3, 1],
      [left, 1],
    ];
    const moving = movingAt(watch({ paint: walker, seconds: 14 }, { within: [corner(0.5)] }));
    expect(moving[0]).toBeGreaterThan(3 + 2.5);
    expect(moving[0]).toBeLessThan(3 + 3.6);
  });

  it('may change while it runs, and nothing is learnt anew', () => {
    const detect = createMotionDetector(
      config({
        masks: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ],
      }),
    );
    const states = [...film({ paint: walker, seconds: 9 })].map((frame) => {
      if (frame.at === 5000) detect.configure(config());
      return detect(frame).state;
    });
    expect(states.slice(6, 25)).not.toContain('moving');
    expect(states.slice(25)).not.toContain('calibrating');
    expect(states.slice(27)).toContain('moving');
  });
});
