/**
 * A camera before which something swings without end: who is told, what is proposed, and how much of the model it still gets. It takes minutes, as
 * nobody is blamed sooner.
 */
import { expect, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { Broker } from '../helpers/broker.ts';
import { runBundledFfmpeg } from '../helpers/clips.ts';
import { forTest } from '../helpers/for-test.ts';
import { framegate } from '../helpers/framegate.ts';
import { openSite } from '../helpers/gateway-site.ts';
import { detections, InferenceServer } from '../helpers/inference-server.ts';
import { until } from '../helpers/until.ts';

const FPS = 10;
/** A rag in the upper right quarter of a noisy picture: it never comes back to where it was within a few seconds. */
const SWING = "overlay=x='228+50*sin(1.7*t)+18*sin(4.1*t)':y='24+14*sin(2.3*t)'";

/** Half a minute that can be played in a loop. */
function swinging(): Promise<Buffer> {
  const place = `testsrc2=size=320x180:rate=${FPS}:duration=30,trim=end_frame=1,loop=loop=-1:size=1,trim=duration=30,setpts=N/${FPS}/TB,noise=alls=6:allf=t`;
  const rag = `color=white:size=22x30:rate=${FPS}:duration=30`;
  return runBundledFfmpeg([
    ...['-f', 'lavfi', '-i', place, '-f', 'lavfi', '-i', rag],
    ...[
      '-filter_complex',
      `[0][1]${SWING}:shortest=1`,
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-pix_fmt',
      'yuv420p',
    ],
    ...['-x264-params', `threads=1:keyint=${FPS}:scenecut=0:bframes=0`, '-t', '30', '-f', 'h264', '-'],
  ]);
}

test('a camera that triggers without end is named, with the part of its picture to blame and a mask, and limited', {
  timeout: 420_000,
}, async () => {
  const camera = await forTest(openRtspCamera({ file: await swinging(), codec: 'h264', fps: FPS }));
  const broker = await forTest(Broker.start());
  const inference = await forTest(InferenceServer.start(detections([])));
  const site = await openSite({
    mqtt: { url: broker.url },
    inference: { url: inference.url },
    cameras: { front: { url: camera.url } },
  });
  const gateway = site.start();
  const told = () => JSON.parse(broker.retained.get('framegate/site/front/restless') ?? '{}');
  const sent = () => broker.on('framegate/site/front/detections').length;
  const sentIn = async (seconds: number) => {
    const before = sent();
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    return sent() - before;
  };

  await until(() => sent() > 3, 'frames are sent', 60_000);
  expect(told()).toMatchObject({ restless: false });
  const freely = await sentIn(20);
  await until(() => told().restless === true, 'the camera is called restless', 300_000);

  // A cell is a sixteenth of the width and a ninth of the height.
  const { region, proposed_mask: mask, share } = told();
  const [left, top, width, height] = region as [number, number, number, number];
  expect(left).toBeGreaterThan(0.4);
  expect([top + height < 0.6, width < 0.6, share > 0.5]).toEqual([true, true, true]);
  expect(mask).toHaveLength(4);
  const { trigger } = await site.camera('front');
  expect(trigger.restless?.proposedMask).toEqual(mask);
  const line = gateway.lines.find((text) => text.includes('triggers without end'));
  expect(line).toContain(JSON.stringify(mask).slice(1, -1));
  const { stdout } = await framegate(['status', '-c', site.file]);
  expect(stdout).toMatch(/restless +triggers without end; a mask to paste into motion\.masks: \[\[/);
  // It was only proposed.
  expect(await sentIn(20)).toBeGreaterThan(0);
  const limited = await sentIn(20);
  console.log(`frames in 20 s: ${freely} before, ${limited} when limited; region ${JSON.stringify(region)}`);
  expect(limited).toBeLessThanOrEqual(freely / 2);
});
