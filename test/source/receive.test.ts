import { describe, expect, onTestFinished, test } from 'vitest';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { findFfmpeg } from '../../src/ffmpeg/build.ts';
import type { Transport } from '../../src/source/config.ts';
import { probeStream } from '../../src/source/probe.ts';
import { createReceiver } from '../../src/source/receive.ts';
import { bundledFfmpeg, makeClip } from '../helpers/clips.ts';
import { openScriptedCamera } from '../helpers/scripted-camera.ts';
import { takeUnits } from '../helpers/units.ts';

const signal = () => AbortSignal.timeout(25_000);

async function openCamera() {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  const camera = await openRtspCamera({ file: clip.file, codec: 'h264', fps: 50 });
  onTestFinished(() => camera[Symbol.asyncDispose]());
  return camera;
}

function open(url: string, transport?: Transport) {
  let asked = 0;
  const receiver = createReceiver({
    url,
    transport,
    stallTimeoutMs: 2000,
    findFfmpeg: () => {
      asked += 1;
      return findFfmpeg(bundledFfmpeg);
    },
  });
  return { receiver, asked: () => asked };
}

describe('the transport', () => {
  test.each([undefined, 'auto', 'native'] as const)(
    '%s: native, and ffmpeg is not even looked for',
    async (transport) => {
      const camera = await openCamera();
      const { receiver, asked } = open(camera.url, transport);
      const units = await takeUnits(receiver.receive(signal()), 3);
      expect([receiver.transport, asked()]).toEqual(['native', 0]);
      expect(units[0]?.stream.timeBase).toEqual([1, 90_000]);
    },
  );

  test('ffmpeg: ffmpeg', async () => {
    const camera = await openCamera();
    const { receiver, asked } = open(camera.url, 'ffmpeg');
    expect(await takeUnits(receiver.receive(signal()), 3)).toHaveLength(3);
    expect([receiver.transport, asked()]).toEqual(['ffmpeg', 1]);
  });

  /** A camera that has something against the native client only. */
  const openOddCamera = async () => {
    const real = await openCamera();
    const redirect = { status: 302, headers: { Location: real.url } };
    const odd = await openScriptedCamera({
      answers: {
        DESCRIBE: ({ headers }) => (headers.get('user-agent') === 'Framegate' ? { status: 406 } : redirect),
      },
    });
    return odd;
  };

  test('auto: ffmpeg where native does not understand the camera, and at once in the next session', async () => {
    const camera = await openOddCamera();
    const { receiver } = open(camera.url, 'auto');
    for (const sessions of [1, 2]) {
      expect(await takeUnits(receiver.receive(signal()), 3)).toHaveLength(3);
      expect(receiver.transport).toBe('ffmpeg');
      const native = camera.requests.filter(
        ({ method, headers }) => method === 'DESCRIBE' && headers.get('user-agent') === 'Framegate',
      );
      expect(native, `in session ${sessions}`).toHaveLength(1);
    }
  });

  test('auto: native is tried again as long as ffmpeg has brought nothing', async () => {
    const camera = await openScriptedCamera({ answers: { DESCRIBE: () => ({ status: 406 }) } });
    const { receiver } = open(camera.url, 'auto');
    for (let session = 0; session < 2; session += 1) {
      await expect(takeUnits(receiver.receive(signal()), 1)).rejects.toMatchObject({ name: 'FramegateError' });
    }
    const native = camera.requests.filter(
      ({ method, headers }) => method === 'DESCRIBE' && headers.get('user-agent') === 'Framegate',
    );
    expect(native).toHaveLength(2);
  });

  test('native: what it does not understand is told, with the way out', async () => {
    const camera = await openOddCamera();
    const { receiver, asked } = open(camera.url, 'native');
    await expect(takeUnits(receiver.receive(signal()), 1)).rejects.toMatchObject({
      code: 'ERR_SOURCE_UNSUPPORTED',
      hint: 'set its transport to auto',
    });
    expect(asked()).toBe(0);
  });

  test('auto: a camera that is off is not tried a second time by ffmpeg', async () => {
    const { receiver, asked } = open('rtsp://127.0.0.1:1/', 'auto');
    await expect(takeUnits(receiver.receive(signal()), 1)).rejects.toMatchObject({ code: 'ERR_SOURCE_REFUSED' });
    expect(asked()).toBe(0);
  });
});

describe('probing a stream', () => {
  test.each(['native', 'ffmpeg'] as const)('by %s says the same, and what received it', async (transport) => {
    const clip = await makeClip({ codec: 'h265', fps: 20, gop: 10, seconds: 1 });
    const camera = await openRtspCamera({ file: clip.file, codec: 'h265', fps: 20 });
    onTestFinished(() => camera[Symbol.asyncDispose]());
    const options = { url: camera.url, transport, watchMs: 10_000, findFfmpeg: () => findFfmpeg(bundledFfmpeg) };
    expect(await probeStream(options, signal())).toEqual({
      codec: 'hevc',
      width: 320,
      height: 240,
      fps: 20,
      gopSeconds: 0.5,
      bitrate: expect.any(Number),
      transport,
    });
  });
});
