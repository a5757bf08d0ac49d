import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeYolox } from '../../src/server/decoders/yolox.ts';
import { preprocess } from '../../src/server/preprocess.ts';
import { writeTinyModel } from '../helpers/tiny-model.ts';
import { asFile, type RunningServer, startServer } from './running-server.ts';

const person = { classId: 0, score: 0.9, corners: [8, 8, 24, 24] } as const;
const car = { classId: 1, score: 0.5, corners: [8, 8, 24, 16] } as const;
const JSON_LENGTH = 'inference-header-content-length';
const VALUES = 3 * 32 * 32;

let jpeg: Uint8Array<ArrayBuffer>;
let server: RunningServer;

beforeAll(async () => {
  jpeg = Uint8Array.from(
    await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
      .jpeg()
      .toBuffer(),
  );
  const directory = await mkdtemp(join(tmpdir(), 'framegate-oip-'));
  await writeTinyModel(directory, { name: 'tiny/2', detections: [car] });
  await writeTinyModel(directory, { name: 'tiny/10', detections: [person, car] });
  server = await startServer({ directory });
  await server.nextWorker();
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  };
});

const json = { 'content-type': 'application/json' };
const tensorInput = { name: 'images', shape: [1, 3, 32, 32], datatype: 'FP32' };

/** Sends JSON with bytes behind it, and takes the answer apart the same way. */
async function inferBinary(path: string, head: object | undefined, ...tail: Uint8Array[]) {
  const text = head ? Buffer.from(JSON.stringify(head)) : Buffer.alloc(0);
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: Uint8Array.from(Buffer.concat([text, ...tail])),
    headers: { 'content-type': 'application/octet-stream', [JSON_LENGTH]: String(text.length) },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get(JSON_LENGTH) ?? bytes.length);
  return { status: response.status, body: JSON.parse(bytes.toString('utf8', 0, length)), tail: bytes.subarray(length) };
}

const floats = (bytes: Uint8Array) => new Float32Array(Uint8Array.from(bytes).buffer);
const blank = new Uint8Array(new Float32Array(VALUES).buffer);

function prefixed(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

describe('health and metadata', () => {
  test('tell what the protocol asks for', async () => {
    expect(await server.get('/v2')).toMatchObject({
      status: 200,
      body: { name: 'framegate', extensions: expect.arrayContaining(['binary_tensor_data']) },
    });
    expect(await server.get('/v2/health/live')).toMatchObject({ status: 200, body: { live: true } });
    expect(await server.get('/v2/health/ready')).toMatchObject({ status: 200, body: { ready: true } });
    const metadata = {
      name: 'tiny',
      versions: ['2', '10'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'images', datatype: 'FP32', shape: [1, 3, 32, 32] }],
      outputs: expect.arrayContaining([{ name: 'output', datatype: 'FP32', shape: [1, 21, 7] }]),
    };
    expect((await server.get('/v2/models/tiny')).body).toEqual(metadata);
    expect((await server.get('/v2/models/tiny/versions/2')).body).toEqual(metadata);
    expect((await server.get('/v2/models/tiny/versions/2/ready')).status).toBe(200);
    expect((await server.get('/v2/models/tiny/ready')).status).toBe(200);
  });

  test('a model that is not there is a 404 with the error under its own name', async () => {
    for (const path of ['/v2/models/nothing', '/v2/models/tiny/versions/3', '/v2/models/tiny/versions/3/ready']) {
      expect(await server.get(path)).toMatchObject({
        status: 404,
        body: { error: expect.stringContaining('no model') },
      });
    }
    expect(await server.get('/v2/nothing/at/all')).toMatchObject({ status: 404, body: { error: expect.any(String) } });
  });
});

describe('tensors', () => {
  test('as JSON in, as JSON out, for the latest version and for a named one', async () => {
    const body = JSON.stringify({ id: 'trace', inputs: [{ ...tensorInput, data: Array(VALUES).fill(0) }] });
    const latest = await server.post('/v2/models/tiny/infer', body, json);
    expect(latest.body).toMatchObject({ model_name: 'tiny', model_version: '10', id: 'trace' });
    const { outputs } = latest.body;
    expect(outputs).toEqual([{ name: 'output', datatype: 'FP32', shape: [1, 21, 7], data: expect.any(Array) }]);
    expect(outputs[0].data[5]).toBeCloseTo(0.9);
    const second = await server.post('/v2/models/tiny/versions/2/infer', body, json);
    expect(second.body.outputs[0].data[6]).toBeCloseTo(0.5);
  });

  test('as bytes in, as bytes out, with the JSON in front', async () => {
    const head = {
      inputs: [{ ...tensorInput, parameters: { binary_data_size: blank.length } }],
      outputs: [{ name: 'output', parameters: { binary_data: true } }],
    };
    const { status, body, tail } = await inferBinary('/v2/models/tiny/infer', head, blank);
    expect([status, tail.length]).toEqual([200, 21 * 7 * 4]);
    expect(body.outputs).toEqual([
      { name: 'output', datatype: 'FP32', shape: [1, 21, 7], parameters: { binary_data_size: 588 } },
    ]);
    expect(floats(tail)[5]).toBeCloseTo(0.9);
  });

  test('as nothing but bytes, for a model with one input', async () => {
    const { status, tail } = await inferBinary('/v2/models/tiny/infer', undefined, blank);
    expect([status, floats(tail)[5]]).toEqual([200, expect.closeTo(0.9)]);
  });

  test('decoded by the client they are what the path route answers', async () => {
    const { labels, input } = {
      labels: ['person', 'car'],
      input: { width: 32, height: 32, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
    } as const;
    const picture = await preprocess(jpeg, input);
    const bytes = new Uint8Array(picture.data.buffer as ArrayBuffer);
    const { tail } = await inferBinary('/v2/models/tiny/infer', undefined, bytes);
    const outputs = { output: { data: floats(tail), dims: [1, 21, 7] } };
    const found = decodeYolox(outputs, { input, labels: [...labels] }, picture.fit, 0.4);
    const { body } = await server.post('/tiny/10', asFile(jpeg));
    expect(body.predictions).toMatchObject(
      found.map(({ label, box: [x, y, width, height] }) => ({
        class: label,
        x: expect.closeTo((x + width / 2) * 64, 3),
        y: expect.closeTo((y + height / 2) * 48, 3),
      })),
    );
  });
});

describe('pictures', () => {
  const picture = (outputs: readonly string[], parameters = {}) => ({
    inputs: [{ name: 'images', shape: [1], datatype: 'BYTES' }],
    outputs: outputs.map((name) => ({ name })),
    parameters,
  });

  test('give the same boxes as the other routes', async () => {
    const wanted = picture(['framegate_detections', 'framegate_labels']);
    const { status, body } = await inferBinary('/v2/models/tiny/infer', wanted, prefixed(jpeg));
    expect(status).toBe(200);
    const [rows, labels] = body.outputs;
    expect(labels).toEqual({ name: 'framegate_labels', datatype: 'BYTES', shape: [2], data: ['person', 'car'] });
    const { predictions } = (await server.post('/tiny/10', asFile(jpeg))).body;
    expect(rows.shape).toEqual([2, 6]);
    expect(rows.data).toEqual(
      predictions.flatMap(({ x, y, width, height, confidence, class_id }: Record<string, number>) =>
        [x! - width! / 2, y! - height! / 2, x! + width! / 2, y! + height! / 2, confidence, class_id].map((value) =>
          expect.closeTo(value!, 3),
        ),
      ),
    );
  });

  test('obey confidence as a parameter, and come as base64 too', async () => {
    const wanted = picture(['framegate_labels'], { confidence: 0.8 });
    const body = JSON.stringify({
      ...wanted,
      inputs: [{ ...wanted.inputs[0], data: [Buffer.from(jpeg).toString('base64')] }],
    });
    const answer = await server.post('/v2/models/tiny/infer', body, json);
    expect(answer.body.outputs).toEqual([
      { name: 'framegate_labels', datatype: 'BYTES', shape: [1], data: ['person'] },
    ]);
  });

  test('go through the graph as they are when its own outputs are asked for', async () => {
    const { body } = await inferBinary('/v2/models/tiny/infer', picture(['output']), prefixed(jpeg));
    expect(body.outputs[0].data[5]).toBeCloseTo(0.9);
  });
});

describe('bad requests', () => {
  test.each<[string, object, Uint8Array[], RegExp]>([
    [
      'too few values',
      { inputs: [{ ...tensorInput, data: [1, 2] }] },
      [],
      /images: FP32 \[1, 3, 32, 32\] takes 12288 bytes, not 8/,
    ],
    ['values that are no numbers', { inputs: [{ ...tensorInput, data: ['a'] }] }, [], /images: data must be numbers/],
    ['no values', { inputs: [tensorInput] }, [], /has neither data nor binary_data_size/],
    [
      'bytes that are missing',
      { inputs: [{ ...tensorInput, parameters: { binary_data_size: 99_999 } }] },
      [blank],
      /shorter/,
    ],
    ['bytes too many', { inputs: [{ ...tensorInput, data: Array(VALUES).fill(0) }] }, [blank], /12288 bytes more/],
    [
      'an unknown output',
      { inputs: [{ ...tensorInput, data: Array(VALUES).fill(0) }], outputs: [{ name: 'x' }] },
      [],
      /no output x/,
    ],
    ['an unknown type', { inputs: [{ ...tensorInput, datatype: 'FP8' }] }, [], /datatype/],
    [
      'a wrong shape',
      { inputs: [{ ...tensorInput, shape: [1, 3072], data: Array(VALUES).fill(0) }] },
      [],
      /images|rank|dim/i,
    ],
    [
      'a wrong name',
      { inputs: [{ ...tensorInput, name: 'pictures', data: Array(VALUES).fill(0) }] },
      [],
      /images|pictures/,
    ],
    [
      'a picture without its length',
      { inputs: [{ name: 'images', shape: [1], datatype: 'BYTES' }] },
      [blank],
      /behind its length/,
    ],
  ])('%s: 400 with the reason', async (_name, head, tail, message) => {
    const { status, body } = await inferBinary('/v2/models/tiny/infer', head, ...tail);
    expect([status, body]).toEqual([400, { error: expect.stringMatching(message) }]);
  });
});

test('the repository can be listed, and models unloaded and loaded', async () => {
  const index = async () => (await server.post('/v2/repository/index')).body;
  expect(await index()).toContainEqual({ name: 'tiny', version: '10', state: 'READY', reason: '' });
  expect((await server.post('/v2/repository/models/tiny/unload')).status).toBe(200);
  expect(await index()).toEqual([]);
  expect((await server.get('/v2/models/tiny/ready')).status).toBe(503);
  expect((await server.post('/v2/repository/models/tiny/load')).status).toBe(200);
  expect(await index()).toEqual([{ name: 'tiny', version: '10', state: 'READY', reason: '' }]);
});
