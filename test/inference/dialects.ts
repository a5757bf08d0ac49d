/**
 * Servers of each API as they are on the wire: what they answer about given objects, and how they fail.
 */
import { json, type Recorded, type Reply, raw, detections as standard } from '../helpers/inference-server.ts';

/** An object by its corners in pixels. */
export interface Thing {
  readonly label: string;
  readonly score: number;
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
}

export interface Dialect {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** A proper answer about a picture of this size. */
  answer(things: readonly Thing[], size: { width: number; height: number }): Reply;
  /** Answers what comes before and beside the picture; `reply` is for the picture. */
  serve(reply: Reply): Reply;
  /** The JPEG in a request. */
  picture(request: Recorded): Promise<Buffer> | Buffer;
  /** Where the key is. */
  key(request: Recorded): Promise<string> | string;
  /** Bodies with status 200 that are no answer of this API. */
  readonly lies: ReadonlyArray<readonly [name: string, reply: Reply]>;
}

const THING: Thing = { label: 'person', score: 0.9, box: [10, 20, 30, 60] };
const SIZE = { width: 64, height: 64 };

const prediction = ({ label, score, box: [left, top, right, bottom] }: Thing) => ({
  x: (left + right) / 2,
  y: (top + bottom) / 2,
  width: right - left,
  height: bottom - top,
  confidence: score,
  class: label,
});

const replaced = (reply: string, old: string, next: string) => {
  if (!reply.includes(old)) throw new Error(`no ${old} in ${reply}`);
  return raw(200, reply.replace(old, next), { 'content-type': 'application/json' });
};

async function part(request: Recorded, name: string): Promise<Buffer> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(request.body), { headers }).formData();
  const value = form.get(name);
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(await (value as File).arrayBuffer());
}

const standardText = JSON.stringify({ image: SIZE, predictions: [prediction(THING)] });

function roboflow(name: string, more: Record<string, unknown>, answer: Dialect['answer']): Dialect {
  return {
    name,
    config: { api: 'roboflow', ...more },
    answer,
    serve: (reply) => reply,
    picture: (request) =>
      more['encoding'] === 'multipart' ? part(request, 'file') : Buffer.from(request.body.toString(), 'base64'),
    key: ({ query }) => query.get('api_key') ?? '',
    lies: [
      ['an error', json(200, { error: 'Could not load the model' })],
      ['success false', json(200, { success: false, predictions: [], image: SIZE })],
      ['a classification', json(200, { top: 'cat', confidence: 0.9, predictions: [], image: SIZE })],
      ['another API', json(200, { success: true, predictions: [{ label: 'a', x_min: 1 }] })],
      ['a percentage for a score', replaced(standardText, '0.9', '90')],
      ['NaN', replaced(standardText, '"x":20', '"x":NaN')],
      ['null for a number', replaced(standardText, '"x":20', '"x":null')],
      [
        'boxes in fractions',
        json(200, { image: SIZE, predictions: [prediction({ ...THING, box: [0.1, 0.1, 0.4, 0.4] })] }),
      ],
      ['a box without a size', replaced(standardText, '"width":20', '"width":-20')],
      ['a box in another place', replaced(standardText, '"x":20', '"x":20000')],
      ['no label', replaced(standardText, 'person', '')],
      ['a body that was cut off', raw(200, standardText.slice(0, -9))],
    ],
  };
}

const deepstackThing = ({ label, score, box: [x_min, y_min, x_max, y_max] }: Thing) => ({
  label,
  confidence: score,
  x_min,
  y_min,
  x_max,
  y_max,
});
const deepstackText = JSON.stringify({ success: true, predictions: [deepstackThing(THING)], duration: 0 });

function deepstack(name: string, extra: Record<string, unknown>): Dialect {
  return {
    name,
    config: { api: 'deepstack' },
    answer: (things) => json(200, { success: true, predictions: things.map(deepstackThing), ...extra }),
    serve: (reply) => reply,
    picture: (request) => part(request, 'image'),
    key: async (request) => (await part(request, 'api_key')).toString(),
    lies: [
      ['success false', json(200, { success: false, error: 'module is not running', code: 500 })],
      ['success false with predictions', json(200, { success: false, predictions: [] })],
      ['a scene', json(200, { success: true, label: 'street', confidence: 0.9 })],
      [
        'faces',
        json(200, {
          success: true,
          predictions: [{ userid: 'x', confidence: 1, x_min: 1, y_min: 1, x_max: 9, y_max: 9 }],
        }),
      ],
      ['another API', raw(200, standardText)],
      ['a percentage for a score', replaced(deepstackText, '0.9', '90')],
      ['NaN', replaced(deepstackText, '"x_min":10', '"x_min":NaN')],
      ['null for a number', replaced(deepstackText, '"x_min":10', '"x_min":null')],
      [
        'boxes in fractions',
        json(200, { success: true, predictions: [deepstackThing({ ...THING, box: [0.1, 0.1, 0.4, 0.4] })] }),
      ],
      [
        'centre and size for corners',
        json(200, { success: true, predictions: [deepstackThing({ ...THING, box: [40, 40, 20, 20] })] }),
      ],
      ['a box in another place', replaced(deepstackText, '"x_max":30', '"x_max":30000')],
      ['no label', replaced(deepstackText, 'person', '')],
      ['a body that was cut off', raw(200, deepstackText.slice(0, -9))],
    ],
  };
}

/** A tensor that goes behind the JSON. */
interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  bytes: Buffer.from(Float32Array.from(values).buffer),
});

function strings(name: string, values: readonly string[]): Tensor {
  const parts = values.flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return [length, Buffer.from(text)];
  });
  return { name, datatype: 'BYTES', shape: [values.length], bytes: Buffer.concat(parts) };
}

function tensors(list: readonly Tensor[], cut = 0): Reply {
  const outputs = list.map(({ name, datatype, shape, bytes }) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: bytes.length },
  }));
  const head = Buffer.from(JSON.stringify({ model_name: 'coco', model_version: '1', outputs }));
  const body = Buffer.concat([head, ...list.map(({ bytes }) => bytes)]);
  return raw(200, body.subarray(0, body.length - cut), { 'inference-header-content-length': String(head.length) });
}

interface Oip {
  readonly inputs: ReadonlyArray<{ name: string; datatype: string; shape: readonly number[] }>;
  readonly outputs: ReadonlyArray<{ name: string; datatype: string; shape: readonly number[] }>;
  /** Says that things, whose corners are in pixels of the picture, are there. */
  encode(things: readonly Thing[], size: { width: number; height: number }): readonly Tensor[];
  /** BYTES elements have their length in front. */
  readonly hasLength: boolean;
}

const LABELS = ['person', 'dog'];

function oip(name: string, model: Oip, asJson = false): Dialect {
  /** The answer about one thing, with each number changed. */
  const broken = (change: (value: number, index: number) => number) =>
    tensors(
      model.encode([THING], SIZE).map((tensor) => {
        if (tensor.datatype !== 'FP32') return tensor;
        const values = new Float32Array(new Uint8Array(tensor.bytes).buffer).map(change);
        return { ...tensor, bytes: Buffer.from(values.buffer) };
      }),
    );
  const asNumbers = (list: readonly Tensor[]) =>
    json(200, {
      outputs: list.map(({ name: output, datatype, shape, bytes }) => ({
        name: output,
        datatype,
        shape,
        data: datatype === 'FP32' ? [...new Float32Array(new Uint8Array(bytes).buffer)] : [],
      })),
    });
  return {
    name,
    config: { api: 'oip-v2', labels: LABELS },
    answer: (things, size) => (asJson ? asNumbers : tensors)(model.encode(things, size)),
    serve: (reply) => (response, request) => {
      if (request.method === 'POST') return reply(response, request);
      return json(200, { name: 'coco', versions: ['1'], platform: 'x', ...model })(response, request);
    },
    picture({ headers, body }) {
      const length = Number(headers['inference-header-content-length']);
      const bytes = body.subarray(length);
      const [input] = JSON.parse(body.toString('utf8', 0, length)).inputs;
      if (input.parameters.binary_data_size !== bytes.length) throw new Error('binary_data_size is wrong');
      if (!model.hasLength) return bytes;
      if (bytes.readUInt32LE() !== bytes.length - 4) throw new Error('the length in front is wrong');
      return bytes.subarray(4);
    },
    key: ({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '',
    lies: [
      ['an error', json(200, { error: 'model is not ready' })],
      ['other tensors', tensors([floats('embedding', [1, 4], [1, 2, 3, 4])])],
      ['another API', raw(200, standardText)],
      ['a percentage for a score', broken((value) => (value === Math.fround(0.9) ? 90 : value))],
      ['NaN', broken(() => Number.NaN)],
      ['a box in another place', broken((value, at) => (at % 7 === 0 || value < 0.2 ? value : value * 1000))],
      ['tensors that were cut off', tensors(model.encode([THING], SIZE), 5)],
      [
        'a shape that does not fit',
        tensors(model.encode([THING], SIZE).map((tensor) => ({ ...tensor, shape: [3, 5, 7] }))),
      ],
    ],
  };
}

const numberOf = (label: string) => (LABELS.indexOf(label) < 0 ? 17 : LABELS.indexOf(label));

const microservice: Oip = {
  inputs: [{ name: 'images', datatype: 'FP32', shape: [1, 3, 416, 416] }],
  outputs: [
    { name: 'output', datatype: 'FP32', shape: [1, 3549, 85] },
    { name: 'framegate_detections', datatype: 'FP32', shape: [-1, 6] },
    { name: 'framegate_labels', datatype: 'BYTES', shape: [-1] },
  ],
  hasLength: true,
  encode: (things) => [
    floats(
      'framegate_detections',
      [things.length, 6],
      things.flatMap(({ box, score }) => [...box, score, 0]),
    ),
    strings(
      'framegate_labels',
      things.map(({ label }) => label),
    ),
  ],
};

const openvino: Oip = {
  inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 3, 320, 544] }],
  outputs: [{ name: 'detection_out', datatype: 'FP32', shape: [1, 1, 200, 7] }],
  hasLength: true,
  encode: (things, { width, height }) => [
    floats(
      'detection_out',
      [1, 1, things.length + 1, 7],
      [
        ...things.flatMap(({ label, score, box: [left, top, right, bottom] }) => [
          0,
          numberOf(label),
          score,
          left / width,
          top / height,
          right / width,
          bottom / height,
        ]),
        ...[-1, 0, 0, 0, 0, 0, 0],
      ],
    ),
  ],
};

const triton: Oip = {
  inputs: [{ name: 'image', datatype: 'UINT8', shape: [-1, -1] }],
  outputs: [
    { name: 'detection_boxes', datatype: 'FP32', shape: [-1, 100, 4] },
    { name: 'detection_scores', datatype: 'FP32', shape: [-1, 100] },
    { name: 'detection_classes', datatype: 'FP32', shape: [-1, 100] },
    { name: 'num_detections', datatype: 'FP32', shape: [-1] },
  ],
  hasLength: false,
  encode: (things, { width, height }) => [
    floats(
      'detection_boxes',
      [1, things.length, 4],
      things.flatMap(({ box: [left, top, right, bottom] }) => [
        top / height,
        left / width,
        bottom / height,
        right / width,
      ]),
    ),
    floats(
      'detection_scores',
      [1, things.length],
      things.map(({ score }) => score),
    ),
    floats(
      'detection_classes',
      [1, things.length],
      things.map(({ label }) => numberOf(label)),
    ),
  ],
};

const kserve: Oip = {
  inputs: [{ name: 'images', datatype: 'UINT8', shape: [1, 640, 320, 3] }],
  outputs: [{ name: 'output0', datatype: 'FP32', shape: [1, 300, 6] }],
  hasLength: true,
  // In pixels of the input, to which the picture was stretched.
  encode: (things, { width, height }) => [
    floats(
      'output0',
      [1, things.length + 1, 6],
      [
        ...things.flatMap(({ label, score, box: [left, top, right, bottom] }) => [
          (left / width) * 320,
          (top / height) * 640,
          (right / width) * 320,
          (bottom / height) * 640,
          score,
          numberOf(label),
        ]),
        ...[0, 0, 0, 0, 0, 0],
      ],
    ),
  ],
};

export const DIALECTS: readonly Dialect[] = [
  roboflow('roboflow, base64', {}, (things, image) => standard(things.map(prediction), image)),
  roboflow('roboflow, multipart', { encoding: 'multipart' }, (things, image) =>
    standard(things.map(prediction), image),
  ),
  roboflow('roboflow of an old server', {}, (things, { width, height }) =>
    json(200, {
      predictions: things.map(prediction),
      image: { width: String(width), height: String(height) },
      expiration: 1,
    }),
  ),
  deepstack('DeepStack', { duration: 0 }),
  deepstack('CodeProject.AI', {
    message: 'Found',
    count: 1,
    processMs: 9,
    inferenceMs: 8,
    moduleId: 'ObjectDetectionYOLOv5',
    code: 200,
  }),
  oip('oip-v2 of the microservice', microservice),
  oip('oip-v2 of OpenVINO Model Server, SSD', openvino),
  oip('oip-v2 of OpenVINO Model Server, numbers as JSON', openvino, true),
  oip('oip-v2 of Triton, an ensemble that takes bytes', triton),
  oip('oip-v2 of KServe, end-to-end boxes in pixels of the input', kserve),
];
