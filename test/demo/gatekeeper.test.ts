import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CameraCredentials } from '../../src/demo/rtsp-camera/gatekeeper.ts';
import { openRtspCamera } from '../../src/demo/rtsp-camera/rtsp-camera.ts';
import { makeClip } from '../helpers/clips.ts';
import { RawRtspClient } from '../helpers/raw-rtsp-client.ts';

const user = 'admin';
const password = 'p@ss%2Fw:rd';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

async function camera(credentials: CameraCredentials) {
  const clip = await makeClip({ fps: 50, gop: 5, seconds: 0.5 });
  return openRtspCamera({ file: clip.file, codec: 'h264', fps: 50, credentials });
}

/** The answer of a client of RFC 2069 to a challenge. */
function answer(challenge: string, uri: string, secret = password): Record<string, string> {
  const realm = /realm="([^"]*)"/.exec(challenge)?.[1];
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1];
  const response = md5(`${md5(`${user}:${realm}:${secret}`)}:${nonce}:${md5(`DESCRIBE:${uri}`)}`);
  const fields = `username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"`;
  return { Authorization: `Digest ${fields}` };
}

test('the URL with credentials escapes what must be escaped; the plain URL has none', async () => {
  await using cam = await camera({ user, password, scheme: 'basic' });
  expect(cam.url).not.toContain('@');
  expect(decodeURIComponent(new URL(cam.urlWithCredentials).password)).toBe(password);
});

test('without credentials only OPTIONS is answered', async () => {
  await using cam = await camera({ user, password, scheme: 'basic' });
  using client = new RawRtspClient(cam.url);
  expect((await client.request('OPTIONS'))?.status).toBe(200);
  const refused = await client.request('DESCRIBE');
  expect(refused?.status).toBe(401);
  expect(refused?.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"$/);
});

test('basic: the right password is admitted, a wrong one is not', async () => {
  await using cam = await camera({ user, password, scheme: 'basic' });
  using client = new RawRtspClient(cam.url);
  const basic = (secret: string) => ({ Authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` });
  expect((await client.request('DESCRIBE', basic('wrong')))?.status).toBe(401);
  expect((await client.request('DESCRIBE', basic(password)))?.status).toBe(200);
});

test.each([undefined, 'auth'] as const)(
  'digest with qop %s: the right password is admitted, a wrong one is not',
  async (qop) => {
    await using cam = await camera({ user, password, scheme: 'digest', ...(qop && { qop }) });
    using client = new RawRtspClient(cam.url);
    const challenge = (await client.request('DESCRIBE'))?.headers.get('www-authenticate') ?? '';
    expect(challenge.includes('qop="auth"')).toBe(qop === 'auth');
    expect((await client.request('DESCRIBE', answer(challenge, cam.url, 'wrong')))?.status).toBe(401);
    expect((await client.request('DESCRIBE', answer(challenge, cam.url)))?.status).toBe(200);
  },
);

test('a renewed nonce makes the old answer stale, and says so', async () => {
  await using cam = await camera({ user, password, scheme: 'digest' });
  using client = new RawRtspClient(cam.url);
  const challenge = (await client.request('DESCRIBE'))?.headers.get('www-authenticate') ?? '';
  expect(challenge).not.toContain('stale');
  cam.faults.rotateNonce();
  const refused = await client.request('DESCRIBE', answer(challenge, cam.url));
  expect(refused?.status).toBe(401);
  expect(refused?.headers.get('www-authenticate')).toContain('stale=true');
});
