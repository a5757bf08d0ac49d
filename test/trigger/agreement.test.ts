import { expect, it } from 'vitest';
import { Agreement } from '../../src/trigger/agreement.ts';

/** Two minutes, noted twice a second; intervals in seconds. */
function watch(camera: Array<[number, number]>, ours: Array<[number, number]>, heard = (_: number) => true) {
  const agreement = new Agreement();
  const within = (intervals: Array<[number, number]>, at: number) =>
    intervals.some(([from, to]) => at >= from && at <= to);
  for (let at = 0; at <= 120; at += 0.5)
    agreement.note(at * 1000, { camera: within(camera, at), ours: within(ours, at), heard: heard(at) });
  const { both, onlyCamera, onlyOurs } = agreement.snapshot();
  return { both, onlyCamera, onlyOurs };
}

it('nothing moves: nothing to compare', () => {
  expect(watch([], [])).toEqual({ both: 0, onlyCamera: 0, onlyOurs: 0 });
});

it('counts windows of ten seconds in which both, or only one of them, saw motion', () => {
  expect(watch([[12, 28]], [[12, 28]])).toEqual({ both: 2, onlyCamera: 0, onlyOurs: 0 });
  expect(watch([[12, 28]], [])).toEqual({ both: 0, onlyCamera: 2, onlyOurs: 0 });
  expect(watch([[12, 13]], [[62, 63]])).toEqual({ both: 0, onlyCamera: 1, onlyOurs: 1 });
});

it('a camera that is some seconds late agrees all the same', () => {
  expect(watch([[21, 22]], [[19, 19.5]])).toEqual({ both: 2, onlyCamera: 0, onlyOurs: 0 });
});

it('what happens while the camera is not heard does not count', () => {
  expect(watch([], [[30, 60]], (at) => at < 20 || at > 70)).toEqual({ both: 0, onlyCamera: 0, onlyOurs: 0 });
});

it('the last hour is counted apart', () => {
  const agreement = new Agreement();
  for (let at = 0; at < 3 * 3600; at += 5)
    agreement.note(at * 1000, { camera: at < 3600, ours: at < 3600, heard: true });
  expect(agreement.snapshot()).toMatchObject({ windowSeconds: 10, both: 360, lastHour: { both: 0 } });
});
