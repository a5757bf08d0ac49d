import { describe, expect, it } from 'vitest';
import { testData } from '../helpers/test-data.ts';
import { judge, truthOf } from './judge.ts';

const truthFile = testData('truth.json');

describe.skipIf(!truthFile)('recorded clips at default settings', () => {
  it.each(['one-by-one-person-detection.mp4', 'car-detection.mp4'])(
    'misses nothing in %s and invents nothing',
    async (clip) => {
      const file = testData(clip);
      if (!file || !truthFile) return;
      const judgement = await judge(file, 16 / 9, truthOf(truthFile, clip));
      console.log(clip, JSON.stringify(judgement));
      expect(judgement.hits).toBe(judgement.truthEvents);
      expect(judgement.falseEvents).toBe(0);
      expect(Math.max(...judgement.onsetDelays)).toBeLessThanOrEqual(1);
    },
  );
});
