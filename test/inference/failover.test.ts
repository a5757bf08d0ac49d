import { afterEach, describe, expect, it } from 'vitest';
import { CostAccount } from '../../src/inference/account.ts';
import { inferenceConfig } from '../../src/inference/config.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import { Semaphore } from '../../src/lib/semaphore.ts';
import {
  after as delayed,
  detections,
  InferenceServer,
  json,
  type Reply,
  silence,
} from '../helpers/inference-server.ts';

const jpeg = Buffer.from('a picture');
const cleanUp: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of cleanUp.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function site(replies: readonly Reply[], settings: Record<string, unknown> = {}, each: object[] = []) {
  const servers = await Promise.all(replies.map((reply) => InferenceServer.start(reply)));
  const targets = servers.map(({ url }, index) => ({ url, name: `t${index}`, ...each[index] }));
  const permits = new Semaphore(1);
  const client = openInferenceClient(inferenceConfig.parse({ targets, ...settings }), permits);
  cleanUp.push(...servers, client);
  const account = new CostAccount();
  const infer = (deadlineMs = 2000, signal = new AbortController().signal) =>
    client.infer({ jpeg }, { model: 'coco/1', deadline: performance.now() + deadlineMs, signal, account });
  const asked = () => servers.map(({ requests }) => requests.length);
  return { servers, client, infer, asked, account, permits };
}

const fine = detections([]);

describe('several targets', () => {
  it('are asked in their order, and the first that answers is enough', async () => {
    const { infer, asked } = await site([fine, fine]);
    expect(await infer()).toMatchObject({ verdict: 'ok', target: 't0' });
    expect(asked()).toEqual([1, 0]);
  });

  it.each([
    ['refuses the key', json(403, {})],
    ['does not have the model', json(404, {})],
    ['has too much to do', json(429, {}, { 'retry-after': '60' })],
    ['lies', json(200, { error: 'x' })],
    ['fails', json(500, {})],
  ])('go on to the next one when one %s', async (_, reply) => {
    const { infer } = await site([reply, fine]);
    expect(await infer()).toMatchObject({ verdict: 'ok', target: 't1' });
  });

  it('leave half of the time to the others when one hangs', async () => {
    const { infer, asked } = await site([silence, silence, fine]);
    const verdict = await infer(800);
    expect(verdict).toMatchObject({ verdict: 'ok', target: 't2' });
    expect(asked()).toEqual([1, 1, 1]);
    expect(verdict.latencyMs).toBeGreaterThan(590);
  });

  it('that all fail give one unknown verdict with the words of all', async () => {
    const { infer, account } = await site([json(401, { message: 'one' }), json(422, { message: 'two' })]);
    const verdict = await infer();
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'rejected' });
    expect(verdict.verdict === 'unknown' && verdict.message).toMatch(/401: one.*; then .*422: two/);
    expect(account.snapshot()).toMatchObject({ t0: { requests: 1, failed: 1 }, t1: { requests: 1, failed: 1 } });
  });

  it('may each have a model and a key of their own, and no key goes to another', async () => {
    const { infer, servers } = await site([json(500, {}), fine], {}, [
      { apiKey: 'one-key' },
      { model: 'mine/7', apiKey: 'other-key' },
    ]);
    expect(await infer()).toMatchObject({ verdict: 'ok', model: 'mine/7' });
    expect(servers.map(({ requests }) => requests[0]?.path)).toEqual(['/coco/1', '/mine/7']);
    expect(servers.map(({ requests }) => requests[0]?.query.get('api_key'))).toEqual(['one-key', 'other-key']);
  });

  it('that rest are not asked, and say why without a request', async () => {
    const { client, infer, asked, permits } = await site([
      json(401, { message: 'wrong' }),
      json(404, { message: 'none' }),
    ]);
    expect(client.refusal('coco/1')).toBeUndefined();
    await infer();
    expect(client.refusal('coco/1')).toMatchObject({ reason: 'unauthorized' });
    expect(await infer()).toMatchObject({ verdict: 'unknown', reason: 'unauthorized' });
    expect(asked()).toEqual([1, 1]);
    // Another model of the same server may well work.
    expect(client.refusal('coco/2')).toBeUndefined();
    expect(client.targets('coco/1').map(({ state }) => state)).toEqual(['open', 'open']);
    expect(permits.limit).toBe(1);
  });

  it('show neither key nor password in what is told of them', async () => {
    const server = await InferenceServer.start(json(401, { message: 'no access with s3cret' }));
    const url = `${server.url.replace('//', '//me:hunter2@')}/base?api_key=querykey`;
    const client = openInferenceClient(inferenceConfig.parse({ url, apiKey: 's3cret' }));
    cleanUp.push(server, client);
    const { signal } = new AbortController();
    await client.infer({ jpeg }, { model: 'coco/1', deadline: performance.now() + 1000, signal });
    const text = JSON.stringify([client.targets('coco/1'), client.refusal('coco/1'), await client.probe(signal)]);
    expect(text).toContain('***');
    expect(text).not.toMatch(/s3cret|hunter2|querykey/);
  });
});

it('a frame with less time left than an answer takes is not sent', async () => {
  const { infer, asked } = await site([delayed(200, fine)]);
  for (let count = 0; count < 4; count += 1) expect(await infer()).toMatchObject({ verdict: 'ok' });
  expect(await infer(100)).toMatchObject({ verdict: 'unknown', reason: 'stale' });
  expect(asked()).toEqual([4]);
  expect(await infer(1000)).toMatchObject({ verdict: 'ok' });
});

describe('a hedge', () => {
  it('asks the second target when the first is slow, takes the faster answer and ends the other request', async () => {
    const { infer, servers, account } = await site([silence, fine], { hedge: '100ms' });
    const verdict = await infer();
    expect(verdict).toMatchObject({ verdict: 'ok', target: 't1' });
    expect(verdict.latencyMs).toBeLessThan(900);
    expect(account.snapshot()).toMatchObject({ t0: { cancelled: 1, inFlight: 0 }, t1: { answered: 1 } });
    const { connection } = servers[0]!.requests[0]!;
    await expect.poll(() => servers[0]!.openConnections).not.toContain(connection);
  });

  it('is not made when the first answers in time, nor when nobody asked for it', async () => {
    const prompt = await site([delayed(50, fine), fine], { hedge: '200ms' });
    await prompt.infer();
    expect(prompt.asked()).toEqual([1, 0]);
    const plain = await site([delayed(300, fine), fine]);
    await plain.infer();
    expect(plain.asked()).toEqual([1, 0]);
  });

  it('waits for the first after all when the second fails', async () => {
    const { infer } = await site([delayed(300, fine), json(404, {})], { hedge: '100ms' });
    expect(await infer()).toMatchObject({ verdict: 'ok', target: 't0' });
  });

  it('ends with the stop of the caller, and both are booked', async () => {
    const { infer, asked, account } = await site([silence, silence], { hedge: '50ms' });
    const controller = new AbortController();
    const verdict = infer(5000, controller.signal);
    await expect.poll(asked).toEqual([1, 1]);
    controller.abort();
    expect(await verdict).toMatchObject({ reason: 'stopped' });
    expect(account.snapshot()).toMatchObject({ t0: { cancelled: 1, inFlight: 0 }, t1: { cancelled: 1, inFlight: 0 } });
  });
});

describe('the cost account', () => {
  it('counts requests, bytes, time and money of each target', async () => {
    const { infer, account } = await site([json(500, {}), delayed(20, fine)], {}, [{}, { price: '2.50 EUR' }]);
    for (let count = 0; count < 2; count += 1) await infer();
    const { t0, t1 } = account.snapshot();
    expect(t0).toMatchObject({ requests: 4, answered: 0, failed: 4, inFlight: 0 });
    expect(t0?.money).toBeUndefined();
    expect(t1).toMatchObject({ requests: 2, answered: 2, bytes: 24, money: { amount: 0.005, currency: 'EUR' } });
    expect(t1!.ms).toBeGreaterThanOrEqual(38);
  });
});

describe('the config', () => {
  it('of one server means one target, and inherits nothing secret into several', () => {
    const single = inferenceConfig.parse({ url: 'http://a:9001', apiKey: 'k', price: '1 EUR' });
    expect(single.targets).toMatchObject([{ name: 'a:9001', apiKey: 'k', price: { per1000: 1, currency: 'EUR' } }]);
    const several = inferenceConfig.parse({
      encoding: 'multipart',
      targets: [{ url: 'http://a' }, { url: 'http://b', api: 'deepstack' }],
    });
    expect(several).toMatchObject({
      url: 'http://a',
      targets: [{ encoding: 'multipart', api: 'roboflow' }, { api: 'deepstack' }],
    });
  });

  it.each([
    ['a url beside targets', { url: 'http://a', targets: [{ url: 'http://b' }] }, 'put it into the targets'],
    ['a key beside targets', { apiKey: 'k', targets: [{ url: 'http://b' }] }, 'put it into the targets'],
    ['two targets of one name', { targets: [{ url: 'http://b' }, { url: 'http://b/x' }] }, 'two targets are called b'],
    ['a price without a currency', { price: '1.5' }, 'such as 1.50 EUR'],
  ])('refuses %s', (_, config, message) => {
    const { error } = inferenceConfig.safeParse(config);
    expect(error?.issues[0]?.message).toContain(message);
  });
});
