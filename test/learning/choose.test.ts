import { describe, expect, it } from 'vitest';
import { Allowance } from '../../src/learning/allowance.ts';
import { type AnsweredFrame, choose } from '../../src/learning/choose.ts';
import { learningConfig } from '../../src/learning/config.ts';
import type { Box } from '../../src/lib/box.ts';

const config = learningConfig.parse({ project: 'yard', apiKey: 'key' })!;
const HERE: Box = [0.4, 0.4, 0.1, 0.2];
const THERE: Box = [0.7, 0.4, 0.1, 0.2];
const never = () => 1;

const frame = (changes: Partial<AnsweredFrame>): AnsweredFrame => ({
  detections: [],
  confidence: 0.4,
  followed: [],
  motion: [HERE],
  ...changes,
});
const person = (box: Box, score = 0.9) => ({ label: 'person', score, box });
const dog = (box: Box, score = 0.9) => ({ label: 'dog', score, box });

describe('a frame is chosen', () => {
  it('when a score is barely above the threshold', () => {
    expect(choose(frame({ detections: [person(HERE, 0.45)] }), config, never)).toBe('near_threshold');
    expect(choose(frame({ detections: [person(HERE, 0.51)] }), config, never)).toBeUndefined();
    const off = { ...config, nearThreshold: 0 };
    expect(choose(frame({ detections: [person(HERE, 0.4)] }), off, never)).toBeUndefined();
  });

  it('when an object that still moves is not seen any more', () => {
    const followed = [{ label: 'person', box: HERE }];
    expect(choose(frame({ followed }), config, never)).toBe('disagreement');
    expect(choose(frame({ followed }), { ...config, disagreement: false }, never)).toBeUndefined();
  });

  it.each([
    ['nothing moves there', { motion: [THERE] }],
    ['nothing is known of motion', { motion: undefined }],
    ['it is seen elsewhere', { detections: [person(THERE)] }],
  ] as Array<[string, Partial<AnsweredFrame>]>)('not when %s', (_, changes) => {
    const followed = [{ label: 'person', box: HERE }];
    expect(choose(frame({ followed, ...changes }), config, never)).toBeUndefined();
  });

  it('not when the object was at the border, where it may have left', () => {
    const box: Box = [0, 0.4, 0.1, 0.2];
    expect(choose(frame({ followed: [{ label: 'person', box }], motion: [box] }), config, never)).toBeUndefined();
  });

  it('when the same object has another label', () => {
    const followed = [{ label: 'person', box: HERE }];
    expect(choose(frame({ followed, detections: [dog(HERE)] }), config, never)).toBe('disagreement');
    expect(choose(frame({ followed, detections: [dog(HERE), person(HERE)] }), config, never)).toBeUndefined();
  });

  it('now and then at random', () => {
    let draws = 0;
    const random = () => (draws++ % 1000) / 1000;
    const chosen = Array.from({ length: 10_000 }, () => choose(frame({}), { ...config, random: 0.01 }, random));
    expect(chosen.filter((reason) => reason === 'random')).toHaveLength(100);
  });
});

describe('the allowance', () => {
  const HOUR = 3_600_000;

  it('gives so many in any hour, and so many in any day', () => {
    const allowance = new Allowance();
    const limits = { maxPerHour: 3, maxPerDay: 5 };
    const take = (at: number) => allowance.take(at, limits);
    expect([0, 1, 2, 3].map(take)).toEqual([true, true, true, false]);
    expect([HOUR, HOUR + 1, HOUR + 2].map(take)).toEqual([true, true, false]);
    expect(take(12 * HOUR)).toBe(false);
    expect(take(24 * HOUR)).toBe(true);
  });
});
