import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeError } from '../../src/lib/errors.ts';
import { type OnvifAddress, onvifAddress } from '../../src/onvif/address.ts';
import { createCameraMotion } from '../../src/onvif/camera-motion.ts';
import { onvifConfig } from '../../src/onvif/config.ts';
import { watchEvents } from '../../src/onvif/watch-events.ts';
import { envelope, OnvifCamera } from '../helpers/onvif-camera.ts';
import { until } from '../helpers/until.ts';

async function openCamera(): Promise<OnvifCamera> {
  const camera = await OnvifCamera.start();
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return camera;
}

const addressOf = (url: string) => onvifAddress(onvifConfig.parse({ url }), 'rtsp://192.0.2.1/s');

/** Watches until the test ends or the subscription is lost. */
function watch(address: OnvifAddress, options: Parameters<typeof watchEvents>[3] = {}) {
  const controller = new AbortController();
  const motion = createCameraMotion(onvifConfig.parse({}));
  const seen = { ready: 0, states: [] as boolean[] };
  const done = watchEvents(
    address,
    {
      ready: () => {
        seen.ready += 1;
      },
      notice: (notice, at) => {
        motion.push(notice, at);
        seen.states.push(motion.isOn);
      },
    },
    controller.signal,
    options,
  );
  done.catch(() => undefined);
  const stop = async () => {
    controller.abort();
    await done;
  };
  onTestFinished(() => stop().catch(() => undefined));
  return { ...{ seen, motion, done, stop } };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('should have failed'),
    (error: unknown) => error,
  );

describe('the events of a camera', () => {
  it('tell motion as it begins and ends', async () => {
    const camera = await openCamera();
    const { seen, motion, stop } = watch(addressOf(camera.url));
    await until(() => seen.ready > 0, 'subscribed');
    camera.motion(true);
    await until(() => motion.isOn, 'motion begins');
    camera.motion(false);
    await until(() => !motion.isOn, 'motion ends');
    await stop();
    expect(camera.requests.slice(0, 4)).toEqual([
      'GetSystemDateAndTime',
      'GetServices',
      'CreatePullPointSubscription',
      'PullMessages',
    ]);
    await until(() => camera.subscribers === 0, 'the subscription is given back');
  });

  it('tell at once what moves already', async () => {
    const camera = await openCamera();
    camera.motion(true);
    const { motion } = watch(addressOf(camera.url));
    await until(() => motion.isOn, 'motion is known');
  });

  it.each([
    ['a day ahead', 86_400_000],
    ['seven hours behind', -7 * 3_600_000],
  ])('are understood although the clock of the camera is %s', async (_, offset) => {
    const camera = await openCamera();
    camera.clockOffsetMs = offset;
    const { motion } = watch(addressOf(camera.url));
    camera.motion(true);
    await until(() => motion.isOn, 'motion is known');
  });

  it('are understood where the end of the subscription is long over, or no time at all', async () => {
    const camera = await openCamera();
    camera.terminationTime = '2001-01-01T00:00:00Z';
    const past = watch(addressOf(camera.url));
    await until(() => past.seen.ready > 0, 'subscribed');
    camera.motion(true);
    await until(() => past.motion.isOn, 'motion is known');
    camera.terminationTime = 'tomorrow';
    const never = watch(addressOf(camera.url));
    expect(await failure(never.done)).toMatchObject({ code: 'ERR_ONVIF_UNSUPPORTED' });
  });

  it('come from a camera that only knows GetCapabilities, and one that wants HTTP digest', async () => {
    const old = await openCamera();
    old.noGetServices = true;
    old.motion(true);
    const other = await openCamera();
    other.httpDigest = true;
    other.motion(true);
    const [first, second] = [watch(addressOf(old.url)), watch(addressOf(other.url))];
    await until(() => first.motion.isOn && second.motion.isOn, 'motion is known');
    expect(old.requests).toContain('GetCapabilities');
  });

  it('come late from a slow camera', async () => {
    const camera = await openCamera();
    camera.lateMs = 300;
    const { motion } = watch(addressOf(camera.url));
    camera.motion(true);
    await until(() => motion.isOn, 'motion is known');
  });

  it('come although the camera names an address that nobody reaches', async () => {
    const camera = await openCamera();
    camera.subscriptionHost = '192.0.2.77:8080';
    const { motion } = watch(addressOf(camera.url));
    camera.motion(true);
    await until(() => motion.isOn, 'motion is known');
  });

  it('go on for longer than the subscription was for, by renewing it', async () => {
    const camera = await openCamera();
    camera.holdMs = 100;
    const { seen } = watch(addressOf(camera.url), { renewMs: 200 });
    await until(() => camera.requests.filter((method) => method === 'Renew').length >= 2, 'renewed twice');
    expect([camera.subscriptions, seen.ready]).toEqual([1, 1]);
  });

  it('go on where the camera knows no Renew', async () => {
    const camera = await openCamera();
    camera.noRenew = true;
    camera.holdMs = 100;
    const { motion } = watch(addressOf(camera.url), { renewMs: 50 });
    await until(() => camera.requests.includes('Renew'), 'it was tried');
    camera.motion(true);
    await until(() => motion.isOn, 'motion is known');
    expect(camera.subscriptions).toBe(1);
  });

  it('are not asked for without pause where the camera does not hold requests', async () => {
    const camera = await openCamera();
    camera.holdMs = 0;
    const { seen } = watch(addressOf(camera.url));
    await until(() => seen.ready > 0, 'subscribed');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(camera.requests.filter((method) => method === 'PullMessages').length).toBeLessThan(3);
  });
});

describe('a subscription fails', () => {
  it('when the camera drops it', async () => {
    const camera = await openCamera();
    const { seen, done } = watch(addressOf(camera.url));
    await until(() => seen.ready > 0, 'subscribed');
    camera.dropSubscriptions();
    expect(await failure(done)).toMatchObject({ code: 'ERR_ONVIF_UNSUPPORTED' });
  });

  it('when the connection breaks, or nobody answers', async () => {
    const camera = await openCamera();
    const { seen, done } = watch(addressOf(camera.url));
    await until(() => seen.ready > 0, 'subscribed');
    await camera.close();
    expect(await failure(done)).toMatchObject({ code: 'ERR_ONVIF_UNREACHABLE' });
    expect(await failure(watch(addressOf(camera.url)).done)).toMatchObject({ code: 'ERR_ONVIF_UNREACHABLE' });
  });

  it('when the camera hangs, with the deadline', async () => {
    const camera = await openCamera();
    const { seen, done } = watch(addressOf(camera.url), { timing: { requestMs: 300, pullMs: 600 } });
    await until(() => seen.ready > 0, 'subscribed');
    camera.isHung = true;
    expect(await failure(done)).toMatchObject({ code: 'ERR_ONVIF_UNREACHABLE', message: /did not answer/ });
  });

  it('when the password is wrong, without showing it', async () => {
    const camera = await openCamera();
    const error = await failure(watch(addressOf(camera.url.replace('s3cret', 'wr0ng'))).done);
    expect(error).toMatchObject({ code: 'ERR_ONVIF_UNAUTHORIZED' });
    expect(describeError(error)).not.toMatch(/wr0ng|s3cret/);
    camera.httpDigest = true;
    expect(await failure(watch(addressOf(camera.url.replace('s3cret', 'wr0ng'))).done)).toMatchObject({
      code: 'ERR_ONVIF_UNAUTHORIZED',
    });
  });

  it('when the camera tells one time and checks passwords against another', async () => {
    const camera = await openCamera();
    camera.signatureOffsetMs = 3_600_000;
    expect(await failure(watch(addressOf(camera.url)).done)).toMatchObject({ code: 'ERR_ONVIF_UNAUTHORIZED' });
  });

  it('when what answers is a web page, or not HTTP', async () => {
    const camera = await openCamera();
    for (const method of ['GetSystemDateAndTime', 'GetServices', 'GetCapabilities'])
      camera.instead.set(method, '<!doctype html><html><body>It works!</body></html>');
    expect(await failure(watch(addressOf(camera.url)).done)).toMatchObject({ code: 'ERR_ONVIF_UNSUPPORTED' });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    expect(await failure(watch(addressOf(`http://127.0.0.1:${port}/`)).done)).toMatchObject({
      code: expect.stringMatching(/ERR_ONVIF/),
    });
  });

  it('when an answer has no end', async () => {
    const camera = await openCamera();
    camera.instead.set('PullMessages', (response) => {
      const timer = setInterval(() => response.write('<a>'.repeat(20_000)), 5);
      response.on('close', () => clearInterval(timer));
    });
    const { done } = watch(addressOf(camera.url));
    expect(await failure(done)).toMatchObject({ message: /without end/ });
  });

  it('when an answer multiplies entities, without expanding them', async () => {
    const camera = await openCamera();
    const levels = Array.from({ length: 9 }, (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`);
    const bomb = envelope('<tev:PullMessagesResponse><x>&e9;</x></tev:PullMessagesResponse>').replace(
      '?>',
      `?><!DOCTYPE x [<!ENTITY e0 "boom">${levels.join('')}]>`,
    );
    camera.instead.set('PullMessages', bomb);
    const before = process.memoryUsage().rss;
    expect(await failure(watch(addressOf(camera.url)).done)).toMatchObject({ code: 'ERR_ONVIF_UNSUPPORTED' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });
});
