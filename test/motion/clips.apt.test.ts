import { expect, it } from 'vitest';
import { type Interval, judge } from './judge.ts';

const EXAMPLES = '/usr/share/doc/opencv-doc/examples/data';

// Read by eye: pedestrians in every frame of the first, leaves in the wind all through the second and a hand from 22.9 s on.
it.each<[string, Interval]>([
  ['vtest.avi', [0, 79.5]],
  ['tree.avi', [22.9, 29.6]],
])('misses nothing in %s of opencv-doc and invents at most one event', async (clip, motion) => {
  const judgement = await judge(`${EXAMPLES}/${clip}`, 4 / 3, { motion: [motion], ignore: [] });
  console.log(clip, JSON.stringify(judgement));
  expect(judgement.hits).toBe(1);
  expect(judgement.falseEvents).toBeLessThanOrEqual(1);
});
