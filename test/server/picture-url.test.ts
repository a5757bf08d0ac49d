import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isPublicAddress } from '../../src/server/public-address.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { modelFolder, serverForTest } from './running-server.ts';

let jpeg: Buffer;

beforeAll(async () => {
  jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
});

describe('a picture by its URL', () => {
  async function pictures(): Promise<{ url: string; port: number }> {
    const web = createServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: '/a.jpg' }).end();
      else if (request.url === '/large') response.writeHead(200).end(Buffer.alloc(200_000));
      else response.writeHead(200).end(jpeg);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    onTestFinished(() => void web.close());
    const { port } = web.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, port };
  }

  async function serverWith(imageHosts: string[]) {
    const directory = await modelFolder();
    await writeTinyModel(directory);
    const server = await serverForTest({ directory, config: { imageHosts, maxImage: 100_000 } });
    await server.nextWorker();
    return (url: string) => server.get(`/tiny/1?image=${encodeURIComponent(url)}`);
  }

  test('is fetched from a host that is named, without redirects and within the bound', async () => {
    const { url } = await pictures();
    const get = await serverWith(['127.0.0.1']);
    expect((await get(`${url}/a.jpg?token=s3cret`)).body.predictions).toHaveLength(1);
    expect(await get(`${url}/away`)).toMatchObject({ status: 400, body: { message: expect.stringContaining('302') } });
    expect(await get(`${url}/large`)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('too large') },
    });
    expect((await get('http://127.0.0.1:1/a.jpg?token=s3cret')).body.message).not.toContain('s3cret');
  });

  test('is not fetched from this machine or its network, whatever the name', async () => {
    const { port } = await pictures();
    const get = await serverWith(['*']);
    for (const url of [
      `http://127.0.0.1:${port}/a.jpg`,
      `http://localhost:${port}/a.jpg`,
      `http://[::1]:${port}/a.jpg`,
      `http://[::ffff:127.0.0.1]:${port}/a.jpg`,
      `http://2130706433:${port}/a.jpg`,
      'http://169.254.169.254/latest/meta-data',
      'http://192.168.1.1/',
      'file:///etc/passwd',
      'http://user:password@example.com/',
      'nonsense',
    ]) {
      const { status, body } = await get(url);
      expect([status, body.message], url).toEqual([400, expect.stringMatching(/not offered/)]);
      expect(body.message).not.toContain('password@');
    }
  });
});

test.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1:248:1893:25c8:1946', true],
  ['10.1.2.3', false],
  ['100.64.0.1', false],
  ['127.0.0.1', false],
  ['169.254.169.254', false],
  ['172.31.255.255', false],
  ['192.168.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::8.8.8.8', false],
  ['2002:7f00:1::', false],
  ['fd00::1', false],
  ['fe80::1', false],
])('address %s is public: %s', (address, isPublic) => {
  expect(isPublicAddress(address)).toBe(isPublic);
});
