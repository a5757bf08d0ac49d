/**
 * One suite for all APIs, over real HTTP: whatever a server says, it is either read right or `unknown`, never an empty scene.
 */
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inferenceConfig } from '../../src/inference/config.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import type { Verdict } from '../../src/inference/verdict.ts';
import { breakOff, drip, InferenceServer, json, type Reply, raw, reset, silence } from '../helpers/inference-server.ts';
import { DIALECTS, type Dialect, type Thing } from './dialects.ts';

const KEY = 's3cret+key';
const SIZE = { width: 128, height: 64 };
const thing: Thing = { label: 'person', score: 0.9, box: [32, 16, 64, 48] };

let jpeg: Buffer;
beforeAll(async () => {
  jpeg = await sharp({ create: { ...SIZE, channels: 3, background: 'gray' } })
    .jpeg()
    .toBuffer();
});

const cleanUp: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of cleanUp.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function ask(dialect: Dialect, reply: Reply, deadlineMs = 5000, options: Record<string, unknown> = {}) {
  const server = await InferenceServer.start(dialect.serve(reply));
  const client = openInferenceClient(
    inferenceConfig.parse({ url: server.url, apiKey: KEY, ...dialect.config, ...options }),
  );
  cleanUp.push(server, client);
  const { signal } = new AbortController();
  const verdict = await client.infer({ jpeg }, { model: 'coco/1', deadline: performance.now() + deadlineMs, signal });
  const pictures = server.requests.filter(({ method }) => method === 'POST');
  return { server, client, verdict, pictures, detections: verdict.verdict === 'ok' ? verdict.detections : [] };
}

const messageOf = (verdict: Verdict) => (verdict.verdict === 'unknown' ? verdict.message : '');

describe.each(DIALECTS)('$name', (dialect) => {
  it('shows the whole JPEG, with the key, and says how long it waits', async () => {
    const { pictures } = await ask(dialect, dialect.answer([], SIZE));
    expect(pictures).toHaveLength(1);
    expect(await dialect.picture(pictures[0]!)).toEqual(jpeg);
    expect(await dialect.key(pictures[0]!)).toBe(KEY);
    expect(Number(pictures[0]!.headers['x-framegate-deadline-ms'])).toBeGreaterThan(4000);
    expect(pictures[0]!.headers['content-length']).toBe(String(pictures[0]!.body.length));
  });

  it('gives boxes by the top left corner and the size, in fractions of the picture', async () => {
    const { verdict, detections } = await ask(dialect, dialect.answer([thing], SIZE));
    expect(messageOf(verdict)).toBe('');
    expect(detections).toHaveLength(1);
    expect(detections[0]?.label).toBe('person');
    expect(detections[0]?.score).toBeCloseTo(0.9, 6);
    [0.25, 0.25, 0.25, 0.5].forEach((value, index) => void expect(detections[0]?.box[index]).toBeCloseTo(value, 6));
  });

  it('takes an empty scene for one', async () => {
    const { verdict } = await ask(dialect, dialect.answer([], SIZE));
    expect(verdict).toMatchObject({ verdict: 'ok', model: 'coco/1', detections: [] });
  });

  it('leaves out what is below the confidence, and cuts boxes to the picture', async () => {
    const things: Thing[] = [
      { ...thing, score: 0.3 },
      { label: 'dog', score: 0.5, box: [-32, -8, 64, 32] },
    ];
    const { detections } = await ask(dialect, dialect.answer(things, SIZE));
    expect(detections).toHaveLength(1);
    expect(detections[0]).toMatchObject({ label: 'dog' });
    [0, 0, 0.5, 0.5].forEach((value, index) => void expect(detections[0]?.box[index]).toBeCloseTo(value, 6));
  });

  it('keeps an object whose label nobody knows', async () => {
    const { detections } = await ask(dialect, dialect.answer([{ ...thing, label: 'okapi' }], SIZE));
    expect(detections).toHaveLength(1);
    expect(['okapi', 'class_17', 'person']).toContain(detections[0]?.label);
  });

  it.each([...dialect.lies, ['HTML', raw(200, '<html>login</html>')], ['nothing', raw(200, '')]] as const)(
    'does not take %s for an answer',
    async (_, reply) => {
      const { server, verdict } = await ask(dialect, reply);
      expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'bad_answer' });
      expect(messageOf(verdict)).toContain(server.url);
    },
  );

  it.each([
    ['says nothing', silence],
    ['drips', drip()],
  ] as const)('gives up on a server that %s', async (_, reply) => {
    const { verdict } = await ask(dialect, reply, 300);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'timeout' });
  });

  it('does not read an answer of 10 MB to its end', async () => {
    const { verdict } = await ask(dialect, raw(200, Buffer.alloc(10_000_000, ' ')));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'bad_answer' });
  });

  it.each([
    ['a reset', reset],
    ['a body that breaks off', breakOff('{"predictions":[')],
    ['status 500', json(500, { error: 'broken', success: false })],
  ] as const)('asks once more after %s', async (_, reply) => {
    const { verdict, pictures } = await ask(dialect, reply);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'unavailable' });
    expect(pictures).toHaveLength(2);
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'model_not_found'],
    [422, 'rejected'],
  ] as const)('tells %i from a fault, does not repeat it, and keeps the key to itself', async (status, reason) => {
    const { verdict, pictures } = await ask(dialect, json(status, { error: `no access with ${KEY}` }));
    expect(verdict).toMatchObject({ verdict: 'unknown', reason });
    expect(pictures).toHaveLength(1);
    expect(messageOf(verdict)).toContain('no access with ***');
  });

  it('answers 413 with a smaller picture, once, and begins with that from then on', async () => {
    const big = await sharp({ create: { width: 256, height: 128, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const limit = big.length - 1;
    const reply: Reply = (response, request) => {
      void (async () => {
        const picture = await dialect.picture(request);
        if (picture.length > limit) return json(413, {})(response, request);
        const { width = 1, height = 1 } = await sharp(picture).metadata();
        const box = [width / 4, height / 4, width / 2, (3 * height) / 4] as const;
        return dialect.answer([{ ...thing, box }], { width, height })(response, request);
      })();
    };
    const server = await InferenceServer.start(dialect.serve(reply));
    const client = openInferenceClient(inferenceConfig.parse({ url: server.url, ...dialect.config, apiKey: KEY }));
    cleanUp.push(server, client);
    const { signal } = new AbortController();
    for (const requests of [2, 3]) {
      const verdict = await client.infer(
        { jpeg: big },
        { model: 'coco/1', deadline: performance.now() + 5000, signal },
      );
      const box = verdict.verdict === 'ok' ? verdict.detections[0]?.box : [];
      [0.25, 0.25, 0.25, 0.5].forEach((value, index) => void expect(box?.[index]).toBeCloseTo(value, 2));
      expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(requests);
    }
  });
});

describe('oip-v2', () => {
  const dialect = DIALECTS.find(({ name }) => name.includes('SSD'))!;

  it.each([
    [
      'a model that takes numbers',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4] }], outputs: [] },
      'metadata',
    ],
    [
      'a model with two inputs',
      {
        inputs: [
          { name: 'x', datatype: 'FP32', shape: [1, 3, 9, 9] },
          { name: 'size', datatype: 'INT64', shape: [1, 2] },
        ],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 6] }],
      },
      'size INT64[1,2], no JPEG',
    ],
    [
      'a tensor input of Triton, which decodes no pictures',
      {
        platform: 'tensorrt_plan',
        inputs: [{ name: 'images', datatype: 'FP32', shape: [1, 3, 640, 640] }],
        outputs: [{ name: 'output0', datatype: 'FP32', shape: [1, 300, 6] }],
      },
      'images FP32[1,3,640,640], a tensor and no picture (put an ensemble with a decoding step before it',
    ],
    [
      'raw outputs',
      {
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3, 9, 9] }],
        outputs: [{ name: 'output', datatype: 'FP32', shape: [1, 3549, 85] }],
      },
      'no known form of detections',
    ],
  ])('says what is wrong with %s, without sending a picture', async (_, metadata, message) => {
    const { verdict, pictures } = await ask({ ...dialect, serve: () => json(200, metadata) }, silence);
    expect(verdict).toMatchObject({ verdict: 'unknown', reason: 'bad_answer' });
    expect(messageOf(verdict)).toContain(message);
    expect(pictures).toHaveLength(0);
  });

  it('names a class without a label by its number, and a version that is no number not at all', async () => {
    const model = { model: 'coco/latest' };
    const { server, client } = await ask(dialect, dialect.answer([{ ...thing, label: 'okapi' }], SIZE), 5000, model);
    const { signal } = new AbortController();
    const options = { model: 'coco/latest', deadline: performance.now() + 5000, signal };
    expect(await client.infer({ jpeg }, options)).toMatchObject({ detections: [{ label: 'class_17' }] });
    expect(server.requests.at(-1)?.path).toBe('/v2/models/coco/infer');
    expect(server.requests[0]?.path).toBe('/v2/models/coco/versions/1');
  });
});

describe('deepstack', () => {
  it('asks a model of one’s own below custom', async () => {
    const dialect = DIALECTS.find(({ name }) => name === 'DeepStack')!;
    const { server, client } = await ask(dialect, dialect.answer([], SIZE));
    const { signal } = new AbortController();
    await client.infer({ jpeg }, { model: 'custom/packages', deadline: performance.now() + 5000, signal });
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/vision/detection', '/v1/vision/custom/packages']);
  });
});
