import { describe, expect, test } from 'vitest';
import type { Detection } from '../../src/inference/detection.ts';
import { lowestScore, select } from '../../src/server/select.ts';

const seen = (label: string, score: number, left = 0): Detection => ({ label, score, box: [left, 0, 0.1, 0.1] });
const found = [seen('person', 0.3), seen('car', 0.55, 0.2), seen('dog', 0.6, 0.4)];
const options = { overlap: 0.3, maxDetections: 300, classAgnostic: false };
const labels = (detections: readonly Detection[]) => detections.map(({ label }) => label);

describe('thresholds of a model', () => {
  const manifest = {
    decoder: 'yolox',
    labels: ['person', 'car', 'dog'],
    thresholds: { person: 0.25, dog: 0.7 },
  } as const;

  test('hold where the client leaves it to the model, and 0.4 for the rest', () => {
    expect(labels(select(found, { ...manifest }, options))).toEqual(['car', 'person']);
    expect(lowestScore({ ...manifest, labels: [...manifest.labels] })).toBe(0.25);
  });

  test('raise what the client asks for, and never lower it', () => {
    expect(labels(select(found, { ...manifest }, { ...options, confidence: 0.5 }))).toEqual(['car']);
    expect(labels(select(found, { ...manifest }, { ...options, confidence: 0.1 }))).toEqual(['car', 'person']);
  });
});

test('a model without overlaps keeps people who stand in front of each other', () => {
  const pair = [seen('person', 0.9), seen('person', 0.8)];
  expect(select(pair, { decoder: 'd-fine' }, options)).toHaveLength(2);
  expect(select(pair, { decoder: 'yolox' }, options)).toHaveLength(1);
});
