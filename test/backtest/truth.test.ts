import { describe, expect, it } from 'vitest';
import { nameClips, strayEntries } from '../../src/backtest/clips.ts';
import { checkLength, checkTruth, parseTruth, withEvents } from '../../src/backtest/truth.ts';

const complaint = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    return `${message}: ${hint}`;
  }
  return 'none';
};
const check = (value: unknown) => complaint(() => checkTruth('t.json', 'a.mp4', value));

describe('a truth file', () => {
  it.each([
    [{ motion: [[5, 3]] }, 't.json: a.mp4.motion: [5, 3] is reversed: write the start first, then the end'],
    [{ motion: [[3, 3]] }, 't.json: a.mp4.motion: [3, 3] is reversed: write the start first, then the end'],
    [
      {
        motion: [
          [1, 5],
          [4, 8],
        ],
      },
      't.json: a.mp4.motion: [1, 5] and [4, 8] overlap: make one interval of them',
    ],
    [
      {
        motion: [
          [4, 8],
          [1, 2],
        ],
      },
      't.json: a.mp4.motion: [4, 8] and [1, 2] are out of order: sort them by start',
    ],
    [
      { motion: [], ignore: [[-1, 2]] },
      't.json: a.mp4.ignore: [-1, 2] begins before the clip: count from its first frame',
    ],
  ])('with %j is refused', (value, line) => {
    expect(check(value)).toBe(line);
  });

  it('of another shape is refused with an example', () => {
    expect(check({ motion: [[1]] })).toMatch(
      /^t\.json: a\.mp4\.motion\[0\].*expected \[start, end\] in seconds: expected \{"front/,
    );
    expect(check({})).toMatch(/^t\.json: a\.mp4\.motion: .*expected \{"front/);
    expect(complaint(() => parseTruth('t.json', '{'))).toMatch(/^t\.json: is no JSON/);
    expect(complaint(() => parseTruth('t.json', '[]'))).toMatch(/^t\.json: has no clips/);
  });

  it('may not speak of what comes after the clip', () => {
    const truth = {
      motion: [
        [1, 2],
        [28, 31],
      ] as const,
      ignore: [],
    };
    expect(complaint(() => checkLength('t.json', 'a.mp4', truth, 30))).toBe('none');
    expect(complaint(() => checkLength('t.json', 'a.mp4', truth, 29))).toBe(
      't.json: a.mp4.motion: [28, 31] lies beyond the end of the clip, 29.0s: correct the interval, or see whether the clip is complete',
    );
  });

  it('may be about more clips, but not about one that is misspelt', () => {
    const truthFile = {
      file: 't.json',
      entries: new Map([
        ['a.mp4', { motion: [] }],
        ['bb.mp4', { motion: [] }],
      ]),
    };
    expect(strayEntries(nameClips(['/x/a.mp4'], truthFile), truthFile)).toEqual([]);
    expect(strayEntries(nameClips(['/x/a.mp4', '/x/b.mp4'], truthFile), truthFile)).toEqual([
      't.json: bb.mp4 is none of the clips: did you mean b.mp4?',
    ]);
  });

  it('names clips by their file, or by their path where two have the same name', () => {
    const truthFile = { file: 't.json', entries: new Map([['x/a.mp4', { motion: [[1, 2]] }]]) };
    const clips = nameClips(['x/a.mp4', 'y/a.mp4', 'y/b.mp4'], truthFile);
    expect(clips.map(({ name }) => name)).toEqual(['x/a.mp4', 'y/a.mp4', 'b.mp4']);
    expect(clips.map(({ truth }) => truth?.motion)).toEqual([[[1, 2]], undefined, undefined]);
  });

  it('keeps its entries when events are added', () => {
    const entries = new Map<string, unknown>([['a.mp4', { motion: [[1, 2]], note: 'by Ann' }]]);
    const { text, added } = withEvents(
      entries,
      new Map([
        ['a.mp4', [[7, 8]]],
        ['b.mp4', [[3, 4.5]]],
      ]),
    );
    expect(added).toEqual(['b.mp4']);
    expect(text).toBe(
      '{\n  "a.mp4": {"motion": [[1, 2]], "note": "by Ann"},\n  "b.mp4": {"motion": [[3, 4.5]], "ignore": []}\n}\n',
    );
    expect(parseTruth('t.json', text).size).toBe(2);
  });
});
