import { describe, expect, it } from 'vitest';
import type { Detection } from '../../src/inference/detection.ts';
import type { Box } from '../../src/lib/box.ts';
import { trackingConfig, zonesConfig } from '../../src/tracking/config.ts';
import { createTracker, type TrackChange, type Tracker } from '../../src/tracking/tracker.ts';
import { random } from '../motion/scene.ts';

const EPOCH = 1_700_000_000_000;

/** A tracker with default settings, in seconds instead of moments, with ids `a`, `b`, ... */
function setUp(overrides: object = {}, zones: object = {}) {
  let ids = 0;
  const tracker = createTracker(trackingConfig.parse(overrides), zonesConfig.parse(zones), () => {
    ids += 1;
    return String.fromCharCode(96 + ids);
  });
  const moment = (seconds: number) => ({ at: seconds * 1000, time: EPOCH + seconds * 1000 });
  return {
    tracker,
    answer: (seconds: number, ...detections: Detection[]) => {
      tracker.triggered();
      return tracker.update(detections, moment(seconds));
    },
    fail: (seconds: number) => {
      tracker.triggered();
      return tracker.unknown(moment(seconds));
    },
    tick: (seconds: number) => tracker.tick(seconds * 1000, EPOCH + seconds * 1000),
    stop: (seconds: number) => tracker.stop(moment(seconds)),
  };
}

function person(x: number, score = 0.8, y = 0.4): Detection {
  return { label: 'person', score, box: [x, y, 0.1, 0.3] };
}

function told(changes: readonly TrackChange[]): string[] {
  return changes.map(({ type, track }) => `${type} ${track.id}`);
}

/** Lets ticks pass each second from one time to another; what they told, with its time. */
function ticks(tick: (seconds: number) => TrackChange[], from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((seconds) =>
    told(tick(seconds)).map((what) => `${seconds}: ${what}`),
  );
}

describe('new', () => {
  it('is told once an object reached minScore, with all that is known of it', () => {
    const { answer } = setUp();
    expect(answer(0, person(0.1, 0.45))).toEqual([]);
    const changes = answer(1, person(0.12, 0.6));
    expect(changes).toEqual([
      {
        type: 'new',
        isBest: true,
        track: {
          id: 'a',
          label: 'person',
          score: 0.6,
          topScore: 0.6,
          box: [0.12, 0.4, 0.1, 0.3],
          zones: [],
          enteredZones: [],
          startTime: EPOCH,
          lastSeen: EPOCH + 1000,
          verdict: 'ok',
          bestFrame: { at: 1000, time: EPOCH + 1000 },
        },
      },
    ]);
  });

  it('is told of labels that are followed only, of all when none are named', () => {
    const kite: Detection = { label: 'kite', score: 0.9, box: [0, 0, 0.1, 0.1] };
    expect(setUp().answer(0, kite)).toEqual([]);
    expect(told(setUp({ labels: [] }).answer(0, kite))).toEqual(['new a']);
  });

  it('is told of each object of a frame, and detections know their object', () => {
    const { tracker, answer } = setUp();
    const [left, right, faint] = [person(0.1), person(0.7), person(0.4, 0.42)];
    expect(told(answer(0, left, right, faint))).toEqual(['new a', 'new b']);
    expect([left, right, faint].map((detection) => tracker.idOf(detection))).toEqual(['a', 'b', undefined]);
    answer(1, person(0.1));
    expect(tracker.idOf(left)).toBeUndefined();
  });
});

describe('an object', () => {
  it('keeps its id while it walks, also where its boxes do not overlap', () => {
    const { answer, tracker } = setUp({ updateInterval: '1h' });
    answer(0, person(0.1));
    for (const [seconds, x] of [0.22, 0.36, 0.5, 0.66].entries()) expect(answer(seconds + 1, person(x))).toEqual([]);
    expect(tracker.present()).toEqual(new Map([['person', 1]]));
  });

  it('is another one when it turns up far away, at another size or with another label', () => {
    for (const other of [
      person(0.8),
      { ...person(0.13), box: [0.13, 0.4, 0.01, 0.02] as Box },
      { ...person(0.1), label: 'dog' },
    ]) {
      const { answer } = setUp();
      answer(0, person(0.1));
      expect(told(answer(0.2, other))).toEqual(['new b']);
    }
  });

  it('is told from its neighbour by overlap first', () => {
    const { answer, tracker } = setUp();
    answer(0, person(0.1), person(0.3));
    const [left, right] = [person(0.16), person(0.36)];
    answer(1, right, left);
    expect([tracker.idOf(left), tracker.idOf(right)]).toEqual(['a', 'b']);
  });
});

describe('update', () => {
  it('is told at updateInterval while the object is seen', () => {
    const { answer, tick } = setUp({ updateInterval: '5s', endAfter: '1h' });
    const times = Array.from({ length: 13 }, (_, seconds) => seconds).filter(
      (seconds) => told(answer(seconds, person(0.1))).length > 0,
    );
    expect(times).toEqual([0, 5, 10]);
    expect(ticks(tick, 13, 60)).toEqual([]);
  });

  it('is told at once when a notably better frame comes, and names it until a better one comes', () => {
    const { answer } = setUp({ updateInterval: '5s' });
    answer(0, person(0.1, 0.6));
    expect(answer(1, person(0.1, 0.63))).toEqual([]);
    const [better] = answer(2, person(0.1, 0.75));
    expect(better).toMatchObject({ type: 'update', isBest: true, track: { topScore: 0.75, bestFrame: { at: 2000 } } });
    const [later] = answer(7, person(0.1, 0.55));
    expect(later).toMatchObject({
      type: 'update',
      isBest: false,
      track: { score: 0.55, topScore: 0.75, bestFrame: { at: 2000 } },
    });
    const [slightly] = answer(12, person(0.1, 0.76));
    expect(slightly).toMatchObject({ isBest: true, track: { bestFrame: { at: 12_000 } } });
  });

  it('does not hold on to what the caller attached to a moment', () => {
    const { tracker } = setUp();
    const [change] = tracker.update([person(0.1)], { at: 0, time: EPOCH, picture: 'large' } as never);
    expect(change?.track.bestFrame).toEqual({ at: 0, time: EPOCH });
  });
});

describe('zones', () => {
  const zones = {
    left: {
      polygon: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    },
    floor: {
      polygon: [
        [0, 0.6],
        [1, 0.6],
        [1, 1],
        [0, 1],
      ],
    },
    dogs: {
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
      labels: ['dog'],
    },
  };

  it('are those that hold the middle of the lower edge, for the labels they are meant for', () => {
    const { answer } = setUp({}, zones);
    const [standing, high, dog] = answer(0, person(0.1), person(0.7, 0.8, 0.1), {
      label: 'dog',
      score: 0.8,
      box: [0.8, 0.1, 0.1, 0.1],
    });
    expect(standing?.track.zones).toEqual(['left', 'floor']);
    expect(high?.track.zones).toEqual([]);
    expect(dog?.track.zones).toEqual(['dogs']);
  });

  it('are told when they change, at once, and those that were entered are kept', () => {
    const { answer } = setUp({ updateInterval: '1h' }, zones);
    answer(0, person(0.4));
    expect(answer(1, person(0.42))).toEqual([]);
    const [out] = answer(2, person(0.5));
    expect(out).toMatchObject({ type: 'update', track: { zones: ['floor'], enteredZones: ['left', 'floor'] } });
    const [up] = answer(3, person(0.5, 0.8, 0.2));
    expect(up).toMatchObject({ type: 'update', track: { zones: [], enteredZones: ['left', 'floor'] } });
  });
});

describe('end', () => {
  it('is told when an object was not seen for endAfter, by answers or by ticks', () => {
    const { answer, tick, tracker } = setUp({ endAfter: '6s', updateInterval: '1h' });
    answer(0, person(0.1), person(0.7));
    answer(1, person(0.7));
    expect(told(answer(5.9, person(0.7)))).toEqual([]);
    const [gone, ...rest] = answer(6, person(0.7)).filter(({ type }) => type === 'end');
    expect(rest).toEqual([]);
    expect(gone).toMatchObject({
      isBest: false,
      track: { id: 'a', verdict: 'ok', lastSeen: EPOCH, endTime: EPOCH + 6000 },
    });
    expect(ticks(tick, 7, 20)).toEqual(['12: end b']);
    expect(tracker.present()).toEqual(new Map());
  });

  it('is not told of an object that was never new', () => {
    const { answer, tick } = setUp();
    answer(0, person(0.1, 0.45));
    expect(ticks(tick, 1, 60)).toEqual([]);
  });

  it('makes room for another object at the same place', () => {
    const { answer, tick } = setUp();
    answer(0, person(0.1));
    ticks(tick, 1, 10);
    expect(told(answer(11, person(0.1)))).toEqual(['new b']);
  });
});

describe('a model that does not answer', () => {
  it('does not age objects: they are still there when it is back', () => {
    const { answer, fail, tick, tracker } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    for (let seconds = 1; seconds <= 25; seconds += 1) {
      expect([...fail(seconds), ...tick(seconds + 0.5)]).toEqual([]);
    }
    expect(tracker.present()).toEqual(new Map([['person', 1]]));
    expect(told(answer(26, person(0.12)))).toEqual(['update a']);
  });

  it('does not age objects while its answer is awaited', () => {
    const { answer, tick, tracker } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    tracker.triggered();
    expect(ticks(tick, 1, 20)).toEqual([]);
    expect(tracker.unknown({ at: 1000, time: EPOCH + 1000 })).toEqual([]);
    expect(tracker.present().get('person')).toBe(1);
  });

  it('lets an object end as ok once it answered for endAfter without it', () => {
    const { answer, fail } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    for (let seconds = 1; seconds <= 10; seconds += 1) fail(seconds);
    const ends = Array.from({ length: 8 }, (_, index) => index + 11).flatMap((seconds) =>
      answer(seconds).map(({ type, track }) => [seconds, type, track.verdict]),
    );
    expect(ends).toEqual([[16, 'end', 'ok']]);
  });

  it('for long lets objects end as unknown, with or without frames', () => {
    const { answer, fail, tick } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    const failing = Array.from({ length: 60 }, (_, index) => index + 1).flatMap((seconds) =>
      [...fail(seconds), ...tick(seconds)].map(({ track }) => [seconds, track.verdict]),
    );
    expect(failing).toEqual([[30, 'unknown']]);

    const quiet = setUp({ endAfter: '6s' });
    quiet.answer(0, person(0.1));
    quiet.fail(1);
    expect(ticks(quiet.tick, 2, 60)).toEqual(['30: end a']);
  });

  it('for every other frame delays the end, and does not prevent it', () => {
    const { answer, fail } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    const ends = Array.from({ length: 40 }, (_, index) => index + 1).flatMap((seconds) =>
      (seconds % 2 ? fail(seconds) : answer(seconds)).map(({ track }) => [seconds, track.verdict]),
    );
    expect(ends).toEqual([[12, 'ok']]);
  });

  it('is not back because of a late answer to an older frame', () => {
    const { tracker, answer, tick } = setUp({ endAfter: '6s' });
    answer(0, person(0.1));
    tracker.triggered();
    tracker.triggered();
    // The frame of 2 s is superseded while the model is busy with that of 1 s.
    tracker.unknown({ at: 2000, time: EPOCH + 2000 });
    tracker.update([], { at: 1000, time: EPOCH + 1000 });
    expect(ticks(tick, 3, 20)).toEqual([]);
    answer(21, person(0.1));
    expect(ticks(tick, 22, 40)).toEqual(['27: end a']);
  });
});

describe('stop', () => {
  it('ends what is there, as ok or, when the latest verdict was unknown, as unknown', () => {
    const { answer, stop, tracker } = setUp();
    answer(0, person(0.1), person(0.7), person(0.4, 0.42));
    const changes = stop(2);
    expect(changes.map(({ type, track }) => [type, track.id, track.verdict, track.endTime])).toEqual([
      ['end', 'a', 'ok', EPOCH + 2000],
      ['end', 'b', 'ok', EPOCH + 2000],
    ]);
    expect(tracker.present()).toEqual(new Map());
    expect(stop(3)).toEqual([]);

    const blind = setUp();
    blind.answer(0, person(0.1));
    blind.fail(1);
    expect(blind.stop(2)[0]?.track.verdict).toBe('unknown');
  });
});

/** Plays an hour of crowds, outages and quiet; returns all changes. */
function play(seed: number, check: (tracker: Tracker, changes: readonly TrackChange[]) => void): TrackChange[] {
  const next = random(seed);
  const { tracker, answer, fail, tick, stop } = setUp({ labels: [] });
  const all: TrackChange[] = [];
  let isAway = false;
  for (let seconds = 0; seconds < 3600; seconds += 1) {
    if (next() < 0.03) isAway = !isAway;
    const crowd = Array.from({ length: Math.floor(next() * 4) }, () => ({
      ...person(next() * 0.9, 0.3 + next() * 0.7, next() * 0.7),
      label: next() < 0.7 ? 'person' : 'car',
    }));
    const dice = next();
    if (dice < 0.6) all.push(...(isAway ? fail(seconds) : answer(seconds, ...crowd)));
    all.push(...tick(seconds + 0.5));
    check(tracker, all);
  }
  all.push(...stop(3600));
  return all;
}

it.each([1, 2, 3])('tells one new, then updates, then one end of each object (seed %i)', (seed) => {
  const open = new Map<string, number>();
  const ended = new Set<string>();
  let read = 0;
  const follow = (changes: readonly TrackChange[]) => {
    for (const { type, track, isBest } of changes.slice(read)) {
      expect(ended.has(track.id)).toBe(false);
      expect(open.has(track.id)).toBe(type !== 'new');
      expect(track.endTime === undefined).toBe(type !== 'end');
      if (isBest) expect(track.score).toBeGreaterThan(open.get(track.id) ?? 0);
      if (type === 'end') {
        open.delete(track.id);
        ended.add(track.id);
      } else if (isBest) open.set(track.id, track.score);
    }
    read = changes.length;
  };
  const all = play(seed, (tracker, changes) => {
    follow(changes);
    const present = [...tracker.present().values()].reduce((sum, count) => sum + count, 0);
    expect(present).toBe(open.size);
  });
  follow(all);
  expect(open.size).toBe(0);
  expect(ended.size).toBeGreaterThan(100);
  expect(new Set(all.map(({ track }) => track.verdict))).toEqual(new Set(['ok', 'unknown']));
});

it('follows a bounded number of objects, whatever the model sees', () => {
  const { answer, tracker } = setUp();
  const grid = Array.from({ length: 900 }, (_, index): Detection => {
    return { label: 'person', score: 0.9, box: [(index % 30) / 30, Math.floor(index / 30) / 30, 0.01, 0.01] };
  });
  expect(answer(0, ...grid).length).toBe(200);
  expect(tracker.present().get('person')).toBe(200);
});
