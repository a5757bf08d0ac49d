/**
 * Active learning against a dataset server on loopback that misbehaves. What it is sent follows the hosted service's own client.
 */
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { learningConfig } from '../../src/learning/config.ts';
import { Dataset } from '../../src/learning/dataset.ts';
import { Learner } from '../../src/learning/learner.ts';
import { sleep } from '../../src/lib/abort.ts';
import { InferenceServer, json, type Recorded, silence } from '../helpers/inference-server.ts';
import { until } from '../helpers/until.ts';

const KEY = 'dataset-key-0815';
const jpeg = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'gray' } })
  .jpeg()
  .toBuffer();
const unsure = { label: 'person', score: 0.41, box: [0.25, 0.5, 0.1, 0.2] } as const;
const accepted = json(200, { success: true, id: 'image-1' });
const annotated = json(200, { success: true });

async function startLearner(server: InferenceServer, settings: object = {}) {
  onTestFinished(() => server[Symbol.asyncDispose]());
  const learner = new Learner({ retryMs: 20 });
  const lines: string[] = [];
  const log = (fields: object, message: string) => void lines.push(JSON.stringify(fields) + message);
  const logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  const config = learningConfig.parse({ project: 'yard', apiKey: KEY, url: server.url, random: 0, ...settings })!;
  const stop = new AbortController();
  const running = learner.run(config, logger, stop.signal);
  const end = async () => {
    stop.abort();
    await running;
  };
  onTestFinished(end);
  let time = 1_790_000_000_000;
  const offer = (camera = 'front') => {
    time += 1000;
    const frame = { detections: [unsure], confidence: 0.4, followed: [], motion: [] };
    learner.offer({ ...frame, camera, time, model: 'coco/1', jpeg });
  };
  return { learner, lines, offer, end };
}

/** Every chosen frame is somewhere. */
function expectBalance(learner: Learner) {
  const { chosen, uploaded, dropped, waiting } = learner.snapshot();
  const sum = (figures: Readonly<Record<string, number>>) => Object.values(figures).reduce((all, one) => all + one, 0);
  expect(sum(chosen)).toBe(uploaded + sum(dropped) + waiting);
}

const uploads = ({ requests }: InferenceServer) => requests.filter(({ path }) => path.endsWith('/upload'));

async function formOf({ body, headers }: Recorded): Promise<FormData> {
  return new Response(new Uint8Array(body), {
    headers: { 'content-type': String(headers['content-type']) },
  }).formData();
}

test('a chosen frame is uploaded with its tags, and what the model saw follows as a proposal', async () => {
  const server = await InferenceServer.start(accepted, annotated);
  const { learner, offer } = await startLearner(server, { batch: 'night shift' });
  offer();
  await until(() => server.requests.length === 2, 'upload and annotation');
  const [upload, annotation] = server.requests as [Recorded, Recorded];
  expect([upload.method, upload.path]).toEqual(['POST', '/dataset/yard/upload']);
  expect(Object.fromEntries(upload.query)).toMatchObject({ api_key: KEY, batch: 'night shift' });
  expect(upload.query.getAll('tag')).toEqual(['framegate', 'front', 'near_threshold', 'coco-1']);
  const form = await formOf(upload);
  expect(form.get('name')).toBe('front-1790000001000.jpg');
  expect(Buffer.from(await (form.get('file') as File).arrayBuffer()).equals(jpeg)).toBe(true);
  expect(annotation.path).toBe('/dataset/yard/annotate/image-1');
  expect(Object.fromEntries(annotation.query)).toEqual({
    api_key: KEY,
    name: 'front-1790000001000.json',
    prediction: 'true',
  });
  expect(annotation.headers['content-type']).toBe('text/plain');
  expect(JSON.parse(annotation.body.toString())).toEqual({
    image: { width: 200, height: 100 },
    predictions: [{ x: 60, y: 60, width: 20, height: 20, confidence: 0.41, class: 'person' }],
  });
  await until(() => learner.snapshot().uploaded === 1, 'it is counted');
  expectBalance(learner);
});

test('a picture that the dataset has already is not annotated again', async () => {
  const server = await InferenceServer.start(json(200, { duplicate: true, id: 'image-1' }));
  const { learner, offer } = await startLearner(server);
  offer();
  await until(() => learner.snapshot().uploaded === 1, 'it is counted');
  await sleep(50);
  expect(server.requests).toHaveLength(1);
});

test('nothing is sent, and nothing counted, while it is off', async () => {
  const learner = new Learner();
  learner.offer({
    detections: [unsure],
    confidence: 0.4,
    followed: [],
    motion: [],
    camera: 'a',
    time: 0,
    model: 'm/1',
    jpeg,
  });
  expect(learner.snapshot()).toMatchObject({ chosen: { near_threshold: 0 }, waiting: 0, uploaded: 0 });
});

test('what may pass is tried again, three times in all', async () => {
  const server = await InferenceServer.start(json(503, {}), json(500, {}), accepted, annotated, json(500, {}));
  const { learner, offer, lines } = await startLearner(server);
  offer();
  await until(() => learner.snapshot().uploaded === 1, 'it went through');
  await until(() => server.requests.length === 4, 'and its annotation');
  offer();
  await until(() => learner.snapshot().dropped.failed === 1, 'it is given up');
  expect(uploads(server)).toHaveLength(6);
  expect(lines.join('\n')).toContain('answered 500');
  expectBalance(learner);
});

test('Retry-After is kept', async () => {
  const busy = json(429, {}, { 'retry-after': '0.5' });
  const server = await InferenceServer.start(busy, accepted, annotated);
  const { learner, offer } = await startLearner(server);
  const at = performance.now();
  offer();
  await until(() => learner.snapshot().uploaded === 1, 'it went through');
  expect(performance.now() - at).toBeGreaterThan(450);
});

test('a wrong key ends it for a while, says so without the key, and asks no more', async () => {
  const server = await InferenceServer.start(json(401, { error: `no such key: ${KEY}` }));
  const { learner, offer, lines } = await startLearner(server);
  offer();
  await until(() => learner.snapshot().dropped.refused === 1, 'it is refused');
  for (let count = 0; count < 5; count += 1) offer();
  await sleep(50);
  expect(server.requests).toHaveLength(1);
  const { dropped, problem } = learner.snapshot();
  expect(dropped.refused).toBe(6);
  expect(problem).toMatch(/\/dataset\/yard\/upload answered 401: no such key: \*/);
  expect(problem + lines.join('\n')).not.toContain(KEY);
  expectBalance(learner);
});

test('a picture that is not taken is given up at once, the next one is tried', async () => {
  const server = await InferenceServer.start(
    json(400, { error: 'no image' }),
    json(200, { success: false }),
    accepted,
    annotated,
  );
  const { learner, offer } = await startLearner(server);
  for (let count = 0; count < 3; count += 1) offer();
  await until(() => learner.snapshot().uploaded === 1, 'the third is taken');
  expect(learner.snapshot().dropped.rejected).toBe(2);
  expectBalance(learner);
});

test('a server that hangs holds up nobody: the queue is short, and what does not fit is counted', async () => {
  const server = await InferenceServer.start(silence);
  const { learner, offer, end } = await startLearner(server, { maxPerHour: 100, maxPerDay: 100 });
  offer();
  await until(() => server.requests.length === 1, 'the first is under way');
  for (let count = 0; count < 50; count += 1) offer();
  expect(learner.snapshot()).toMatchObject({ waiting: 9, dropped: { queue_full: 42 } });
  expectBalance(learner);
  await end();
  expect(learner.snapshot()).toMatchObject({ waiting: 0, dropped: { queue_full: 42, stopped: 9 } });
  expectBalance(learner);
});

test('whether the key is known can be asked beforehand', async () => {
  const server = await InferenceServer.start(json(200, { workspace: 'site' }), json(401, { error: `no ${KEY}` }));
  onTestFinished(() => server[Symbol.asyncDispose]());
  const config = learningConfig.parse({ project: 'yard', apiKey: KEY, url: server.url })!;
  await using dataset = new Dataset(config);
  const { signal } = new AbortController();
  expect(await dataset.probe(signal)).toEqual({ ok: true, message: `${server.url} knows the key` });
  const wrong = await dataset.probe(signal);
  expect(wrong.ok).toBe(false);
  expect(wrong.message).toContain('answered 401');
  expect(wrong.message).not.toContain(KEY);
  expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/' });
});

test('no more go than an hour may have', async () => {
  const server = await InferenceServer.start(accepted);
  const { learner, offer } = await startLearner(server, { maxPerHour: 2, predictions: false });
  for (let count = 0; count < 5; count += 1) offer();
  await until(() => learner.snapshot().uploaded === 2, 'two went');
  await sleep(50);
  expect(server.requests).toHaveLength(2);
  expect(learner.snapshot().dropped.rate_limited).toBe(3);
  expectBalance(learner);
});
