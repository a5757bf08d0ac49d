/**
 * The same recording, once through the gateway over RTSP and once through a backtest: the gate must do the same.
 */
import { expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { Broker } from '../helpers/broker.ts';
import { makeClip } from '../helpers/clips.ts';
import { forTest } from '../helpers/for-test.ts';
import { openSite } from '../helpers/gateway-site.ts';
import { until } from '../helpers/until.ts';
import { container, replay, settings } from './clips.ts';

const RECORDING = {
  seconds: 30,
  fps: 10,
  gop: 10,
  noise: 4,
  motion: [
    [10, 12],
    [19, 22],
  ],
} as const;
/** Settings that make a difference for this recording. */
const CAMERAS = {
  plain: { motion: { closeDelay: '2s' } },
  long: { motion: { closeDelay: '9s' } },
  slow: { motion: { closeDelay: '2s', confirm: '1s' } },
  deaf: { motion: { closeDelay: '2s', minArea: 0.3 } },
  // Deaf at first: its file is edited between the two visits.
  edited: { motion: { closeDelay: '2s', minArea: 0.3 } },
};
const EDITED = { motion: { closeDelay: '2s' } };
/** Seconds into the recording. */
const EDIT_AT = 13.5;
/** Seconds: where in a slot of the time grid a frame lies is up to chance, and the gate is told by the clock when it closes. */
const TOLERANCE = 0.8;

test('a changed setting does to the gate of the live gateway what it did in the backtest', {
  timeout: 120_000,
}, async () => {
  const clip = await makeClip(RECORDING);
  const camera = await forTest(openRtspCamera({ file: clip.file, codec: 'h264', fps: clip.fps }));
  const broker = await forTest(Broker.start());
  const cameras = Object.fromEntries(
    Object.entries(CAMERAS).map(([id, own]) => [id, { url: camera.url, tracking: { endAfter: '15s' }, ...own }]),
  );
  const config = { mqtt: { url: broker.url }, inference: { url: 'http://127.0.0.1:1' }, cameras };
  const site = await openSite(config);
  site.start();

  const motion = (id: string) => broker.on(`framegate/site/${id}/motion`);
  const changes = Object.fromEntries(Object.keys(CAMERAS).map((id) => [id, [] as Array<[string, number]>]));
  const watch = setInterval(() => {
    for (const [id, seen] of Object.entries(changes)) {
      const now = motion(id).at(-1);
      if (now !== undefined && now !== (seen.at(-1)?.[0] ?? 'OFF')) seen.push([now, camera.position]);
    }
  }, 20);
  onTestFinished(() => clearInterval(watch));
  await until(() => camera.position > EDIT_AT, 'the first visit is over', 60_000);
  const edited = { ...cameras['edited'], ...EDITED };
  await site.configure({ ...config, cameras: { ...cameras, edited } });
  await until(() => camera.position > 28.5, 'the recording has been played', 60_000);
  clearInterval(watch);

  const recording = await container('recording.mkv', RECORDING);
  const ids = Object.keys(CAMERAS);
  const { runs } = await replay(
    recording,
    [...ids.map((id) => cameras[id]), edited].map((one) => settings(one)),
  );
  const eventsOf = (id: string, index: number) =>
    id === 'edited'
      ? [
          ...runs[index]!.events.filter(([start]) => start < EDIT_AT),
          ...runs.at(-1)!.events.filter(([start]) => start > EDIT_AT),
        ]
      : runs[index]!.events;
  for (const [index, id] of ids.entries()) {
    const expected = eventsOf(id, index)
      .flatMap(
        ([start, end]) =>
          [
            ['ON', start],
            ['OFF', end],
          ] as Array<[string, number]>,
      )
      .filter(([, at]) => at < 28);
    const found = changes[id]!.filter(([, at]) => at < 28);
    expect(
      found.map(([state]) => state),
      id,
    ).toEqual(expected.map(([state]) => state));
    for (const [place, [, at]] of expected.entries())
      expect(Math.abs(found[place]![1] - at), id).toBeLessThan(TOLERANCE);
  }
  // Else the test would say nothing.
  expect(ids.map((id, index) => eventsOf(id, index).length)).toEqual([2, 1, 2, 0, 1]);
});
