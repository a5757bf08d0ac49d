import { expect, it } from 'vitest';
import { type Due, OutsideGate } from '../../src/trigger/outside-gate.ts';

/** A gate with a clock that the test turns. */
function gate(config: { interval: number; every?: number } = { interval: 1000 }) {
  let now = 0;
  const outside = new OutsideGate(config, () => now);
  /** Lets time pass in steps of 100 ms; what is taken, with its time. */
  const pass = (ms: number) => {
    const taken: Array<[number, string]> = [];
    for (const end = now + ms; now <= end; now += 100) {
      for (let due: Due | undefined = outside.take(); due; due = outside.take())
        taken.push([now, `${due.cause} ${due.reason}`]);
    }
    now -= 100;
    return taken;
  };
  return { outside, pass };
}

it('sends nothing by itself', () => {
  const { outside, pass } = gate();
  expect(pass(100_000)).toEqual([]);
  expect(outside.openedBy).toEqual([]);
});

it('sends one frame at once and then one per interval while it is open', () => {
  const { outside, pass } = gate();
  outside.open('api', 2500);
  expect(outside.openedBy).toEqual(['api']);
  expect(pass(10_000)).toEqual([
    [0, 'api opened'],
    [1000, 'api interval'],
    [2000, 'api interval'],
  ]);
  outside.open('mqtt', 11_000);
  expect(pass(5000)).toEqual([[10_000, 'mqtt opened']]);
});

it('is held open longer when asked again, without another first frame', () => {
  const { outside, pass } = gate();
  outside.open('mqtt', 1500);
  pass(1000);
  outside.open('mqtt', 3500);
  expect(pass(5000).map(([at]) => at)).toEqual([2000, 3000]);
});

it('gives each cause its first frame, and the latest one the others', () => {
  const { outside, pass } = gate();
  outside.open('onvif', 60_000);
  expect(pass(500)).toEqual([[0, 'onvif opened']]);
  outside.open('api', 2600);
  expect(pass(3000)).toEqual([
    [500, 'api opened'],
    [1500, 'api interval'],
    [2500, 'api interval'],
    [3500, 'onvif interval'],
  ]);
});

it('still sends the first frame of what was taken back at once', () => {
  const { outside, pass } = gate();
  outside.open('onvif', 60_000);
  outside.close('onvif');
  expect(pass(5000)).toEqual([[0, 'onvif opened']]);
});

it('sends a frame every so often where that is wanted, and does not catch up', () => {
  const { pass } = gate({ interval: 1000, every: 60_000 });
  expect(pass(130_000)).toEqual([
    [60_000, 'interval opened'],
    [120_000, 'interval opened'],
  ]);
});

it('wakes who waits when it is opened, when a frame is due, and at the end', async () => {
  const outside = new OutsideGate({ interval: 50 });
  const controller = new AbortController();
  const waiting = outside.waiting(controller.signal);
  outside.open('api', performance.now() + 10_000);
  await waiting;
  expect(outside.take()?.reason).toBe('opened');
  await outside.waiting(controller.signal);
  expect(outside.take()?.reason).toBe('interval');
  outside.close('api');
  const last = outside.waiting(controller.signal);
  controller.abort();
  await last;
  expect(outside.openedBy).toEqual([]);
});
