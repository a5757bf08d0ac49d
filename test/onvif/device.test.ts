import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeError } from '../../src/lib/errors.ts';
import { onvifAddress } from '../../src/onvif/address.ts';
import { onvifConfig } from '../../src/onvif/config.ts';
import { type OnvifDevice, openOnvifDevice } from '../../src/onvif/device.ts';
import { OnvifCamera } from '../helpers/onvif-camera.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { until } from '../helpers/until.ts';

function open(url: string): OnvifDevice {
  const device = openOnvifDevice(onvifAddress(onvifConfig.parse({ url }), 'rtsp://192.0.2.1/s'));
  onTestFinished(() => device[Symbol.dispose]());
  return device;
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('should have failed'),
    (error: unknown) => error,
  );

describe('a camera whose events cannot be had', () => {
  it('cannot be reached, also where its port has the digits of a refusal', async () => {
    expect(await failure(open('http://127.0.0.1:24013/').subscribe())).toMatchObject({
      code: 'ERR_ONVIF_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('has a certificate that nobody signed, and what to set is told', async () => {
    const port = await portOf(createHttpsServer(selfSigned()));
    const error = await failure(open(`https://127.0.0.1:${port}/`).subscribe());
    expect(describeError(error)).toMatch(/not trusted.*verifyCertificate/);
  });

  it('speaks something else than HTTP', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.2\r\n'));
    const port = await portOf(server);
    expect(await failure(open(`http://127.0.0.1:${port}/`).subscribe())).toMatchObject({
      code: 'ERR_ONVIF_UNSUPPORTED',
    });
  });

  it('sends XML that is broken, which takes one line to tell', async () => {
    await using camera = await OnvifCamera.start();
    camera.instead.set('CreatePullPointSubscription', '<a><b></a>');
    const error = await failure(open(camera.url).subscribe());
    expect(error).toMatchObject({ code: 'ERR_ONVIF_UNSUPPORTED' });
    expect(describeError(error)).not.toContain('\n');
  });
});

it('a camera that is being asked is left alone once nobody wants to know', async () => {
  await using camera = await OnvifCamera.start();
  camera.lateMs = 100;
  const device = open(camera.url);
  const subscribed = failure(device.subscribe());
  await until(() => camera.requests.includes('GetServices'), 'asked for its services');
  device[Symbol.dispose]();
  expect(await subscribed).toMatchObject({ message: 'stopped' });
  expect(await failure(device.pull())).toMatchObject({ message: 'stopped' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(camera.requests.at(-1)).toBe('GetServices');
});
