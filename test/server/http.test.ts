import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { detectionAnswer } from '../../src/inference/protocol.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { type Answer, asFile, modelFolder, type RunningServer, serverForTest, startServer } from './running-server.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const person = { classId: 0, score: 0.9, corners: [8, 8, 24, 24] } as const;
/** Covers the person with an IoU of 0.5. */
const car = { classId: 1, score: 0.5, corners: [8, 8, 24, 16] } as const;
/** Covers the person with an IoU of 0.75. */
const twin = { classId: 0, score: 0.6, corners: [8, 12, 24, 24] } as const;

let jpeg: Uint8Array<ArrayBuffer>;
let png: Uint8Array<ArrayBuffer>;
let base64: string;
let server: RunningServer;

beforeAll(async () => {
  const picture = sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } });
  jpeg = Uint8Array.from(await picture.jpeg().toBuffer());
  png = Uint8Array.from(await picture.png().toBuffer());
  base64 = Buffer.from(jpeg).toString('base64');
  const directory = await mkdtemp(join(tmpdir(), 'framegate-http-'));
  await writeTinyModel(directory, { detections: [person, car, twin] });
  server = await startServer({ directory });
  await server.nextWorker();
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  };
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };
const labels = (answer: Answer) => answer.body.predictions.map((prediction: { class: string }) => prediction.class);
const v1 = (request: object) =>
  JSON.stringify({ model_id: 'tiny/1', image: { type: 'base64', value: base64 }, ...request });

describe('the path route', () => {
  test('answers in pixels of the picture that was sent, centre first, best first', async () => {
    const { status, body } = await server.post('/tiny/1', asFile(jpeg));
    expect(status).toBe(200);
    expect(detectionAnswer.parse(body)).toEqual(body);
    expect(body).toEqual({
      inference_id: expect.stringMatching(UUID),
      time: expect.any(Number),
      image: { width: 64, height: 64 },
      predictions: [
        {
          x: expect.closeTo(32, 4),
          y: expect.closeTo(32, 4),
          width: expect.closeTo(32, 4),
          height: expect.closeTo(32, 4),
          confidence: expect.closeTo(0.9, 5),
          class: 'person',
          class_id: 0,
          detection_id: expect.stringMatching(UUID),
        },
        {
          x: expect.closeTo(32, 4),
          y: expect.closeTo(24, 4),
          width: expect.closeTo(32, 4),
          height: expect.closeTo(16, 4),
          confidence: expect.closeTo(0.5, 5),
          class: 'car',
          class_id: 1,
          detection_id: expect.stringMatching(UUID),
        },
      ],
    });
  });

  test('takes the picture as multipart, as base64 text of any content type, with a data prefix, and as PNG', async () => {
    const answers = await Promise.all([
      server.post('/tiny/1', asFile(png)),
      server.post('/tiny/1', base64, form),
      server.post('/tiny/1', base64, json),
      server.post('/tiny/1', `data:image/jpeg;base64,${base64}`, { 'content-type': 'text/plain' }),
      server.post('/tiny/1', Buffer.from(png).toString('base64'), form),
      server.post('/tiny/1', base64.replace(/.{76}/g, '$&\r\n'), form),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    for (const answer of answers) expect(labels(answer)).toEqual(['person', 'car']);
  });

  test('obeys confidence, overlap and max_detections, as fraction or percentage', async () => {
    const ask = async (query: string) => labels(await server.post(`/tiny/1?${query}`, base64, form));
    expect(await ask('confidence=0.8')).toEqual(['person']);
    expect(await ask('confidence=80')).toEqual(['person']);
    expect(await ask('confidence=best')).toEqual(['person', 'car']);
    expect(await ask('overlap=0.8')).toEqual(['person', 'person', 'car']);
    expect(await ask('overlap=80')).toEqual(['person', 'person', 'car']);
    expect(await ask('max_detections=1')).toEqual(['person']);
  });

  test('ignores options of the standard API that mean nothing here', async () => {
    const query = 'api_key=abc&disable_active_learning=true&source=gate&countinference=false&stroke=2&labels=true';
    expect((await server.post(`/tiny/1?${query}`, base64, form)).status).toBe(200);
  });

  test('refuses bad options with a message that names them', async () => {
    const refused = async (query: string) => {
      const { status, body } = await server.post(`/tiny/1?${query}`, base64, form);
      return [status, body.message];
    };
    expect(await refused('confidence=high')).toEqual([422, 'confidence: expected a number from 0 to 100']);
    expect(await refused('confidence=')).toEqual([422, 'confidence: expected a number from 0 to 100']);
    expect(await refused('overlap=1&overlap=2')).toEqual([422, 'overlap: expected a number']);
    expect(await refused('max_detections=2.5')).toEqual([422, expect.stringContaining('max_detections: ')]);
    expect(await refused('confidence=-1')).toEqual([422, expect.stringContaining('confidence: ')]);
    expect(await refused('overlap=101')).toEqual([422, expect.stringContaining('overlap: ')]);
    expect(await refused('max_detections=0')).toEqual([422, expect.stringContaining('max_detections: ')]);
    expect(await refused('format=png')).toEqual([422, expect.stringContaining('format: ')]);
    expect(await refused('image_type=numpy')).toEqual([400, expect.stringContaining('image_type=numpy')]);
    expect(await refused('image=http%3A%2F%2Fx%2Fy.jpg')).toEqual([400, expect.stringContaining('image by URL')]);
  });

  test.each<[string, () => Parameters<RunningServer['post']>, RegExp]>([
    ['no Content-Type', () => ['/tiny/1', new Uint8Array(Buffer.from(base64))], /has no Content-Type/],
    ['an empty body', () => ['/tiny/1', '', form], /body is empty/],
    ['an HTML page', () => ['/tiny/1', '<html><body>login</body></html>', form], /not base64 text/],
    ['base64 of something else', () => ['/tiny/1', btoa('this is no picture at all'), form], /cannot be decoded/],
    ['a bare JPEG', () => ['/tiny/1', jpeg, { 'content-type': 'image/jpeg' }], /a bare JPEG/],
    ['a JPEG that was cut off', () => ['/tiny/1', asFile(jpeg.slice(0, jpeg.length - 40))], /cannot be decoded/],
    [
      'an SVG',
      () => [
        '/tiny/1',
        asFile(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')),
      ],
      /cannot be decoded/,
    ],
    ['a part of another name', () => ['/tiny/1', asFile(jpeg, 'image')], /no file part "file" \(found: image\)/],
    ['an empty part', () => ['/tiny/1', asFile(new Uint8Array())], /the part "file" is empty/],
    ['a part without a file name', () => ['/tiny/1', textPart()], /found: file without a file name/],
    [
      'a multipart body without boundary',
      () => ['/tiny/1', base64, { 'content-type': 'multipart/form-data' }],
      /multipart body cannot be read/,
    ],
    [
      'half a multipart body',
      () => [
        '/tiny/1',
        '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        { 'content-type': 'multipart/form-data; boundary=x' },
      ],
      /multipart body cannot be read/,
    ],
  ])('answers %s with 400 and the reason', async (_name, request, message) => {
    const { status, body } = await server.post(...request());
    expect([status, body]).toEqual([400, { message: expect.stringMatching(message) }]);
    expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
  });

  test('answers a body that is too large with 413, however it is packed, and goes on', async () => {
    const large = new Uint8Array(30 * 1024 * 1024).fill(65);
    expect(await server.post('/tiny/1', large, form)).toMatchObject({
      status: 413,
      body: { message: expect.stringContaining('too large') },
    });
    expect(await server.post('/tiny/1', asFile(large))).toMatchObject({
      status: 413,
      body: { message: expect.stringContaining('too large') },
    });
    expect((await server.post('/tiny/1', asFile(jpeg))).status).toBe(200);
  });

  test('answers 404 for a model that is not in the store, and never looks outside of it', async () => {
    for (const path of ['/nothing/7', '/..%2f..%2fetc/passwd', '/tiny/..', '/tiny/%00']) {
      expect(await server.post(path, base64, form)).toMatchObject({
        status: 404,
        body: { message: expect.any(String) },
      });
    }
    const { body } = await server.post('/nothing/7', base64, form);
    expect(body.message).toMatch(/no model nothing\/7 .*installed: tiny\/1.*framegate model/);
  });
});

describe('the v1 JSON route', () => {
  test('answers one picture with an object under the id of the request, a list with a list', async () => {
    const one = await server.post('/infer/object_detection', v1({ id: 'trace-1' }), json);
    expect(one).toMatchObject({ status: 200, body: { inference_id: 'trace-1', image: { width: 64, height: 64 } } });
    expect(labels(one)).toEqual(['person', 'car']);
    const image = { type: 'base64', value: base64 };
    const many = await server.post('/infer/object_detection', v1({ image: [image, image] }), json);
    expect(many.body).toHaveLength(2);
    expect(detectionAnswer.parse(many.body[1])).toEqual(many.body[1]);
  });

  test('obeys its options, and takes null for absent', async () => {
    const ask = async (request: object) => labels(await server.post('/infer/object_detection', v1(request), json));
    expect(await ask({ class_filter: ['car', 'dog'] })).toEqual(['car']);
    expect(await ask({ confidence: 0.8 })).toEqual(['person']);
    expect(await ask({ iou_threshold: 0.8 })).toEqual(['person', 'person', 'car']);
    expect(await ask({ max_detections: 1 })).toEqual(['person']);
    expect(await ask({ confidence: null, iou_threshold: null, class_filter: null, id: null })).toEqual([
      'person',
      'car',
    ]);
    expect(await ask({ iou_threshold: 0.1, class_agnostic_nms: true })).toEqual(['person']);
  });

  test('fetches no URLs and unpickles nothing', async () => {
    for (const [type, what] of [
      ['url', 'image by URL'],
      ['numpy', 'image type numpy'],
    ] as const) {
      const request = v1({ image: { type, value: `${server.url}/info` } });
      expect(await server.post('/infer/object_detection', request, json)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(`${what} is not offered`) },
      });
    }
  });

  test('answers a malformed request with 422 and the name of what is wrong', async () => {
    const refused = async (body: string) => {
      const answer = await server.post('/infer/object_detection', body, json);
      return [answer.status, answer.body.message];
    };
    expect(await refused('{"model_id":')).toEqual([422, 'the body is not JSON']);
    expect(await refused('')).toEqual([422, 'the body is not JSON']);
    expect(await refused('[]')).toEqual([422, expect.stringContaining('the request: ')]);
    expect(await refused('{}')).toEqual([422, expect.stringMatching(/model_id: .*; image: /)]);
    expect(await refused(v1({ image: [] }))).toEqual([422, expect.stringContaining('image: ')]);
    expect(await refused(v1({ confidence: 'high' }))).toEqual([422, expect.stringContaining('confidence: ')]);
    expect(await refused(v1({ image: { type: 'base64', value: '' } }))).toEqual([
      400,
      expect.stringContaining('empty'),
    ]);
    expect(await refused(v1({ model_id: 'nothing/7' }))).toEqual([404, expect.stringContaining('nothing/7')]);
  });
});

describe('keys', () => {
  test('are asked for where they are set, in query, header or body, but not for health', async () => {
    const directory = await modelFolder();
    await writeTinyModel(directory);
    const guarded = await serverForTest({ directory, config: { apiKeys: ['s3cret', 'other'] } });
    await guarded.nextWorker();
    const statusOf = async (path: string, headers = {}) =>
      (await guarded.post(path, base64, { ...form, ...headers })).status;
    expect(await statusOf('/tiny/1')).toBe(400);
    expect(await statusOf('/tiny/1?api_key=wrong')).toBe(401);
    expect(await statusOf('/tiny/1?api_key=s3cret')).toBe(200);
    expect(await statusOf('/tiny/1', { authorization: 'Bearer other' })).toBe(200);
    expect(await guarded.post('/infer/object_detection', v1({ api_key: 's3cret' }), json)).toMatchObject({
      status: 200,
    });
    expect(await guarded.post('/infer/object_detection', v1({}), json)).toMatchObject({ status: 400 });
    expect((await guarded.get('/readiness')).status).toBe(200);
    expect(JSON.stringify(guarded.logs)).not.toContain('s3cret');
  });
});

describe('state', () => {
  test('tells health, identity and models', async () => {
    expect(await server.get('/healthz')).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(await server.get('/readiness')).toMatchObject({ status: 200, body: { status: 'ready' } });
    const info = {
      name: 'framegate',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uuid: expect.stringMatching(UUID),
    };
    expect((await server.get('/info')).body).toEqual(info);
    expect((await server.get('/model/registry')).body).toMatchObject({
      models: [{ model_id: 'tiny/1', task_type: 'object-detection', batch_size: 1, input_height: 32, input_width: 32 }],
    });
    expect(await server.get('/nothing?api_key=abc')).toMatchObject({
      status: 404,
      body: { message: 'no such route: GET /nothing' },
    });
  });

  test('counts requests by route and code, and inferences by model', async () => {
    const codes = [200, 400, 404].map(
      (code) => `framegate_serve_requests_total{route="/:project/:version",code="${code}"}`,
    );
    const lines = [...codes, 'framegate_serve_inference_duration_seconds_count{model="tiny/1"}'];
    const before = await Promise.all(lines.map(server.metric));
    await server.post('/tiny/1', asFile(jpeg));
    await server.post('/tiny/1', 'no picture', form);
    await server.post('/nothing/7', base64, form);
    expect(await Promise.all(lines.map(server.metric))).toEqual(before.map((count) => count + 1));
    expect(await server.metric('num_inferences_tiny_1')).toBeGreaterThan(0);
    expect(await server.metric('avg_inference_time_total')).toBeGreaterThan(0);
    expect(await server.metric('framegate_serve_models_ready')).toBe(1);
    expect(await server.metric('framegate_serve_worker_memory_bytes')).toBeGreaterThan(1e6);
  });

  test('says at the start where it listens, what it loaded and how much memory that takes', async () => {
    expect(server.logs.find(({ message }) => message === 'ready for pictures')).toMatchObject({
      level: 'info',
      fields: {
        url: server.url,
        models: [expect.stringMatching(/^tiny\/1 in \d+ ms$/)],
        memory: expect.stringMatching(/^\d+ MiB \+ worker \d+ MiB$/),
      },
    });
  });
});

function textPart(): FormData {
  const parts = new FormData();
  parts.append('file', base64);
  return parts;
}
