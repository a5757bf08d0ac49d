import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { InferenceClient } from '../../src/inference/client.ts';
import { inferenceConfig } from '../../src/inference/config.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import type { Verdict } from '../../src/inference/verdict.ts';
import {
  after,
  breakOff,
  detections,
  drip,
  InferenceServer,
  json,
  type Reply,
  raw,
  reset,
  silence,
} from '../helpers/inference-server.ts';

const KEY = 's3cret+key/with?chars';
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xfb, 0xef, 0xbe, 0xff, 0xd9]);
const person = { x: 320, y: 240, width: 64, height: 96, confidence: 0.9, class: 'person' };

const cleanUp: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of cleanUp.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function start(...replies: Reply[]): Promise<InferenceServer> {
  const server = await InferenceServer.start(...replies);
  cleanUp.push(server);
  return server;
}

function open(url: string, options: Record<string, unknown> = {}): InferenceClient {
  const client = openInferenceClient(inferenceConfig.parse({ url, apiKey: KEY, ...options }));
  cleanUp.push(client);
  return client;
}

function infer(client: InferenceClient, deadlineMs = 5000, signal = new AbortController().signal): Promise<Verdict> {
  const at = performance.now();
  return client.infer({ jpeg }, { model: 'coco/1', deadline: at + deadlineMs, signal });
}

/** A port of 127.0.0.1 on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a proper answer', () => {
  it('gives boxes in fractions of the frame, from centre and size in pixels', async () => {
    const server = await start(detections([person]));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'ok', model: 'coco/1' });
    const found = verdict.verdict === 'ok' ? verdict.detections : [];
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ label: 'person', score: 0.9 });
    [0.45, 0.4, 0.1, 0.2].forEach((value, index) => void expect(found[0]?.box[index]).toBeCloseTo(value, 10));
  });

  it('with no predictions is an empty scene', async () => {
    const server = await start(detections([]));
    expect(await infer(open(server.url))).toMatchObject({ verdict: 'ok', detections: [] });
  });

  it('is cut to the frame, and what lies outside of it or below the confidence is left out', async () => {
    const server = await start(
      detections([
        { ...person, x: 0, y: 0, width: 128, height: 96 },
        { ...person, x: -500 },
        { ...person, confidence: 0.39 },
        { ...person, confidence: 0.4, class: 'dog', width: 640, height: 480 },
      ]),
    );
    expect(await infer(open(server.url))).toMatchObject({
      detections: [
        { label: 'person', box: [0, 0, 0.1, 0.1] },
        { label: 'dog', score: 0.4, box: [0, 0, 1, 1] },
      ],
    });
  });

  it('may lack everything an old server does not send, and have numbers of the image as text', async () => {
    const server = await start(json(200, { predictions: [person], image: { width: '640', height: '480' } }));
    expect(await infer(open(server.url))).toMatchObject({ verdict: 'ok', detections: [{ label: 'person' }] });
  });
});

describe('the request', () => {
  it('goes to project and version below the base path, with the options in the query', async () => {
    const server = await start();
    await infer(open(`${server.url}/vision/api/`, { confidence: 0.25, overlap: 0.5 }));
    const request = server.requests[0]!;
    expect([request.method, request.path]).toEqual(['POST', '/vision/api/coco/1']);
    expect(Object.fromEntries(request.query)).toEqual({
      api_key: KEY,
      confidence: '0.25',
      overlap: '0.5',
      source: 'framegate',
    });
  });

  it('writes a threshold of 1 as a percentage, as servers read it', async () => {
    const server = await start();
    await infer(open(server.url, { confidence: 1, overlap: 1 }));
    expect(server.requests[0]!.query.get('confidence')).toBe('100');
    expect(server.requests[0]!.query.get('overlap')).toBe('100');
  });

  it('carries the JPEG as base64 text that is not url-encoded', async () => {
    const server = await start();
    await infer(open(server.url));
    const { headers, body } = server.requests[0]!;
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers['content-length']).toBe(String(body.length));
    expect(body.toString()).toContain('+');
    expect(Buffer.from(body.toString(), 'base64')).toEqual(jpeg);
  });

  it('carries the JPEG as the part `file` of a multipart body of known length', async () => {
    const server = await start();
    await infer(open(server.url, { encoding: 'multipart' }));
    const { headers, body } = server.requests[0]!;
    expect(headers['content-length']).toBe(String(body.length));
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    }).formData();
    expect([...form.keys()]).toEqual(['file']);
    expect(Buffer.from(await (form.get('file') as File).arrayBuffer())).toEqual(jpeg);
  });

  it('sends the user name and password of the URL as a header', async () => {
    const server = await start();
    await infer(open(server.url.replace('//', '//me:p%40ss@')));
    const authorization = server.requests[0]!.headers.authorization ?? '';
    expect(Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()).toBe('me:p@ss');
  });

  it('uses connections again', async () => {
    const server = await start();
    const client = open(server.url);
    for (let count = 0; count < 8; count += 1) await infer(client);
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
  });
});

describe('a bad answer is unknown, with its reason', () => {
  const bodies: Array<[string, string]> = [
    ['a web page', '<!doctype html><title>Router login</title>'],
    ['nothing', ''],
    ['JSON that was cut off', '{"predictions":[{"x":3'],
    ['an error with status 200', '{"error":"Could not load the model"}'],
    ['an error object with status 200', '{"error":{"code":1}}'],
    ['success false', '{"success":false,"predictions":[],"image":{"width":1,"height":1}}'],
    ['a message instead of predictions', '{"message":"Missing image"}'],
    [
      'a classification',
      '{"top":"cat","confidence":0.9,"predictions":[{"class":"cat","class_id":0,"confidence":0.9}]}',
    ],
    ['an empty classification', '{"top":"","confidence":0,"predictions":[],"image":{"width":640,"height":480}}'],
    ['a multi-label classification', '{"predictions":{"cat":{"confidence":0.9}},"predicted_classes":["cat"]}'],
    ['a list', '[{"predictions":[],"image":{"width":640,"height":480}}]'],
    ['null', 'null'],
    ['no size of the image', JSON.stringify({ predictions: [person] })],
    ['an image without width', JSON.stringify({ predictions: [person], image: { width: 0, height: 480 } })],
    ['NaN', JSON.stringify({ predictions: [person], image: { width: 640, height: 480 } }).replace('320', 'NaN')],
    ['infinity', JSON.stringify({ predictions: [person], image: { width: 640, height: 480 } }).replace('320', '1e999')],
    ['null for a number', JSON.stringify({ predictions: [{ ...person, x: null }], image: { width: 9, height: 9 } })],
    ['a negative width', JSON.stringify({ predictions: [{ ...person, width: -5 }], image: { width: 9, height: 9 } })],
    ['percentages', JSON.stringify({ predictions: [{ ...person, confidence: 90 }], image: { width: 9, height: 9 } })],
    ['no class', JSON.stringify({ predictions: [{ ...person, class: '' }], image: { width: 9, height: 9 } })],
    ['deeply nested JSON', '['.repeat(1_000_000)],
  ];
  it.each(bodies)('%s with status 200 is bad_answer', async (_, body) => {
    const server = await start(raw(200, body));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'bad_answer' });
    expect(verdict.verdict === 'unknown' && verdict.message).toContain(`${server.url}/coco/1`);
    expect(server.requests).toHaveLength(1);
  });

  it('an answer of 10 MB is bad_answer, and not read to its end', async () => {
    const server = await start(raw(200, Buffer.alloc(10_000_000, ' ')));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'bad_answer' });
    expect(server.requests).toHaveLength(1);
  });

  const statuses: Array<[number, string, string]> = [
    [301, 'rejected', 'inference.url'],
    [400, 'rejected', ''],
    [401, 'unauthorized', 'inference.apiKey'],
    [402, 'unauthorized', 'credits'],
    [403, 'unauthorized', 'inference.apiKey'],
    [404, 'model_not_found', 'inference.model'],
    [408, 'timeout', ''],
    [413, 'rejected', 'larger'],
    [422, 'rejected', ''],
    [423, 'unauthorized', 'paused'],
    [429, 'overloaded', ''],
    [501, 'unavailable', ''],
    [507, 'model_not_found', 'does not fit'],
  ];
  it.each(statuses)('status %i is %s, names the way out, and is not sent again', async (status, reason, wayOut) => {
    const server = await start(json(status, { message: 'the words of the server' }));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason });
    const { message } = verdict as Extract<Verdict, { verdict: 'unknown' }>;
    expect(message).toContain(`${server.url}/coco/1 answered ${status}: the words of the server`);
    expect(message).toContain(wayOut);
    expect(server.requests).toHaveLength(1);
  });

  it.each([500, 502, 503, 504])('status %i is unavailable, and sent again once', async (status) => {
    const server = await start(json(status, { message: 'the words of the server' }));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
    expect(verdict.verdict === 'unknown' && verdict.message).toContain(`answered ${status}: the words of the server`);
    expect(server.requests).toHaveLength(2);
  });

  it('a server that is down is unavailable', async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const verdict = await infer(open(url), 1000);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
    expect(verdict.verdict === 'unknown' && verdict.message).toContain('ECONNREFUSED');
  });

  it('something that is no HTTP server is bad_answer', async () => {
    const server = createServer((socket) => void socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.push(server);
    const { port } = server.address() as { port: number };
    expect(await infer(open(`http://127.0.0.1:${port}`))).toMatchObject({ reason: 'bad_answer' });
  });

  it.each(['reset', 'close'] as const)('a body broken off by %s is unavailable', async (how) => {
    const server = await start(breakOff('{"predictions":[', how));
    expect(await infer(open(server.url))).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
    expect(server.requests).toHaveLength(2);
  });
});

describe('the deadline', () => {
  it.each([
    ['says nothing', silence],
    ['drips', drip()],
  ])('ends a request to a server that %s, and its connection', async (_, reply) => {
    const server = await start(reply);
    const verdict = await infer(open(server.url), 150);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'timeout' });
    expect(verdict.latencyMs).toBeGreaterThan(100);
    expect(server.requests).toHaveLength(1);
    await expect.poll(() => server.openConnections).not.toContain(server.requests[0]!.connection);
  });

  it('that has passed already means stale, and nothing is sent', async () => {
    const server = await start();
    expect(await infer(open(server.url), -1)).toMatchObject({ verdict: 'unknown', reason: 'stale' });
    expect(server.requests).toHaveLength(0);
  });

  it('does not end what is answered in time', async () => {
    const server = await start(after(100, detections([person])));
    expect(await infer(open(server.url), 5000)).toMatchObject({ verdict: 'ok' });
  });
});

describe('a stop', () => {
  it('of the caller ends the request with the reason stopped', async () => {
    const server = await start(silence);
    const controller = new AbortController();
    const verdict = infer(open(server.url), 5000, controller.signal);
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort();
    expect(await verdict).toMatchObject({ verdict: 'unknown', reason: 'stopped' });
  });

  it('before the request means that nothing is sent', async () => {
    const server = await start();
    expect(await infer(open(server.url), 5000, AbortSignal.abort())).toMatchObject({ reason: 'stopped' });
    expect(server.requests).toHaveLength(0);
  });

  it('of the client lets what is under way be answered first', async () => {
    const server = await start(after(100, detections([person])));
    const client = openInferenceClient(inferenceConfig.parse({ url: server.url }));
    const verdict = infer(client);
    await expect.poll(() => server.requests.length).toBe(1);
    await client[Symbol.asyncDispose]();
    expect(await verdict).toMatchObject({ verdict: 'ok' });
  });

  it('of the client does not wait longer than the deadline of what is under way', async () => {
    const server = await start(silence);
    const client = openInferenceClient(inferenceConfig.parse({ url: server.url }));
    const verdict = infer(client, 200);
    await expect.poll(() => server.requests.length).toBe(1);
    await client[Symbol.asyncDispose]();
    expect(await verdict).toMatchObject({ verdict: 'unknown', reason: 'timeout' });
  });

  it('of the client makes later requests unknown', async () => {
    const server = await start();
    const client = openInferenceClient(inferenceConfig.parse({ url: server.url }));
    await client[Symbol.asyncDispose]();
    expect(await infer(client, 300)).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
  });
});

describe('a retry', () => {
  it.each([
    ['a connection that was reset', reset],
    ['a body that broke off', breakOff('{')],
    ['429 with Retry-After', json(429, { message: 'slow down' }, { 'retry-after': '0.1' })],
    ['503 with Retry-After', json(503, { message: 'loading' }, { 'retry-after': '0' })],
    ['503 with a date in the past', json(503, {}, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })],
  ])('follows %s', async (_, bad) => {
    const server = await start(bad, detections([person]));
    expect(await infer(open(server.url))).toMatchObject({ verdict: 'ok' });
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]!.body).toEqual(server.requests[0]!.body);
  });

  it('is the only one', async () => {
    const server = await start(json(429, {}, { 'retry-after': '0' }), reset, detections([person]));
    expect(await infer(open(server.url))).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
    expect(server.requests).toHaveLength(2);
  });

  it.each([429, 503])('of %i waits as long as the server asks', async (status) => {
    const server = await start(json(status, {}, { 'retry-after': '1' }), detections([person]));
    const verdict = await infer(open(server.url));
    expect(verdict).toMatchObject({ verdict: 'ok' });
    expect(verdict.latencyMs).toBeGreaterThan(990);
  });

  it.each([429, 503])('of %i that does not fit the deadline is not waited for', async (status) => {
    const server = await start(json(status, {}, { 'retry-after': '3' }));
    const verdict = await infer(open(server.url), 2000);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'overloaded' });
    expect(server.requests).toHaveLength(1);
  });

  it('ends with the stop of the caller', async () => {
    const server = await start(json(429, {}, { 'retry-after': '3' }));
    const controller = new AbortController();
    const verdict = infer(open(server.url), 5000, controller.signal);
    await expect.poll(() => server.requests.length).toBe(1);
    setTimeout(() => controller.abort(), 20);
    expect(await verdict).toMatchObject({ reason: 'stopped' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('secrets', () => {
  it.each([
    ['as it is', KEY],
    ['percent-encoded', encodeURIComponent(KEY)],
    ['across the end of a long text', `${'x'.repeat(178)}${KEY}`],
  ])('that a server repeats %s do not get into a message', async (_, text) => {
    const server = await start(json(401, { message: `no access with ${text}` }), raw(200, `no JSON: ${text}`));
    const client = open(server.url.replace('//', '//me:hunter2@'));
    for (let count = 0; count < 2; count += 1) {
      const verdict = await infer(client);
      const text = JSON.stringify(verdict);
      expect(text).toContain('***');
      expect(text).not.toContain('s3cret');
      expect(text).not.toContain('hunter2');
    }
  });

  it('are not in messages about connections', async () => {
    const client = open(`http://me:hunter2@127.0.0.1:${await closedPort()}/base`);
    const text = JSON.stringify([await infer(client, 500), await client.probe(new AbortController().signal)]);
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain('hunter2');
  });

  it('line breaks of a server do not break a message', async () => {
    const server = await start(raw(500, 'one\r\ntwo\u001b[31m three'));
    const verdict = await infer(open(server.url));
    expect(verdict.verdict === 'unknown' && verdict.message).toContain('500: one two [31m three');
  });
});

describe('the probe', () => {
  const signal = new AbortController().signal;

  it('is ok when the model answers', async () => {
    const server = await start();
    const [result] = await open(server.url).probe(signal);
    expect(result).toMatchObject({ ok: true });
    expect(result?.message).toContain(`${server.url} answers for coco/1`);
    expect(server.requests).toHaveLength(1);
  });

  it('goes on where there is no such route as readiness', async () => {
    const server = await start();
    server.health(raw(404, 'Not Found'));
    expect(await open(server.url).probe(signal)).toMatchObject([{ ok: true }]);
  });

  it.each([
    ['a server that is not ready', detections([]), json(503, { message: 'loading' }), 'not ready yet: loading'],
    ['an unknown model', json(404, { message: 'no such model' }), json(200, {}), 'check inference.model'],
    ['a wrong key', json(401, { message: 'who are you' }), json(200, {}), 'check inference.apiKey'],
    ['a model of another kind', json(200, { top: 'cat', predictions: [] }), json(200, {}), 'classification'],
  ])('tells of %s', async (_, reply, health, message) => {
    const server = await start(reply);
    server.health(health);
    const [result] = await open(server.url).probe(signal);
    expect(result?.ok).toBe(false);
    expect(result?.message).toContain(message);
  });

  it('tells of a server that is down', async () => {
    const [result] = await open(`http://127.0.0.1:${await closedPort()}`).probe(signal);
    expect(result).toMatchObject({ ok: false });
    expect(result?.message).toContain('cannot be reached');
  });

  it('ends with its signal', async () => {
    const server = await start(silence);
    server.health(silence);
    const controller = new AbortController();
    const result = open(server.url).probe(controller.signal);
    setTimeout(() => controller.abort(), 20);
    expect(await result).toMatchObject([{ ok: false, message: 'stopped' }]);
  });
});
