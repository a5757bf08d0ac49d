import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledModel } from '../../src/models/installed.ts';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { encodeModel, type Node } from '../../src/models/onnx/model.ts';
import { floats, int64s } from '../../src/models/onnx/tensor.ts';
import { openStore } from '../../src/models/store.ts';

const SIZE = 32;
const STRIDES = [8, 16, 32];

export interface TinyDetection {
  /** Index into `labels`. */
  readonly classId: number;
  readonly score: number;
  /** x1, y1, x2, y2 in pixels of the model's 32x32 input. */
  readonly corners: readonly [number, number, number, number];
}

export interface TinyModel {
  /** Default `tiny/1`. */
  readonly name?: string;
  /** Default person, car. */
  readonly labels?: readonly string[];
  /** Takes any number of pictures in one run. */
  readonly hasBatchAxis?: boolean;
  /** Bytes of ballast, to be of some size. */
  readonly ballast?: number;
  /** What it answers to every picture, at most 21; default one person, score 0.9, at 8, 8, 24, 24. */
  readonly detections?: readonly TinyDetection[];
}

/**
 * Installs a model of a few kB into the store in `directory`: YOLOX layout (`images` f32 [1,3,32,32] BGR letterboxed ->
 * `output` f32 [1,21,5+labels]), the same answer to every picture.
 */
export async function writeTinyModel(directory: string, tiny: TinyModel = {}): Promise<InstalledModel> {
  const name = tiny.name ?? 'tiny/1';
  const labels = [...(tiny.labels ?? ['person', 'car'])];
  const detections = tiny.detections ?? [{ classId: 0, score: 0.9, corners: [8, 8, 24, 24] as const }];
  const bytes = tinyModelBytes(labels.length, detections, tiny);
  const manifest: ModelManifest = {
    schema: 1,
    name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    licence: 'Apache-2.0',
    source: 'https://example.invalid/tiny.onnx',
    task: 'object-detection',
    input: { width: SIZE, height: SIZE, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
    decoder: 'yolox',
    labels,
  };
  const store = openStore(directory);
  await mkdir(store.staging, { recursive: true });
  const file = join(store.staging, `${randomUUID()}.onnx`);
  await writeFile(file, bytes);
  try {
    return await store.install(manifest, file);
  } finally {
    await rm(file);
  }
}

/** The ONNX file itself. */
export function tinyModelBytes(
  classes: number,
  detections: readonly TinyDetection[],
  { hasBatchAxis = false, ballast = 0 }: Pick<TinyModel, 'hasBatchAxis' | 'ballast'> = {},
): Buffer {
  const cells = gridCells();
  const columns = 5 + classes;
  const output = new Float32Array(cells.length * columns);
  detections.forEach(({ classId, score, corners: [x1, y1, x2, y2] }, row) => {
    const { x, y, stride } = cells[row]!;
    const answer = [
      (x1 + x2) / 2 / stride - x,
      (y1 + y2) / 2 / stride - y,
      Math.log((x2 - x1) / stride),
      Math.log((y2 - y1) / stride),
      1,
    ];
    output.set(answer, row * columns);
    output[row * columns + 5 + classId] = score;
  });
  const answer = ['answer', floats(output, [1, cells.length, columns])] as const;
  const weight = ['ballast', floats(new Float32Array(ballast / 4))] as const;
  const same: Node[] = [{ op: 'Identity', inputs: ['answer'], outputs: ['output'] }];
  // The answer as often as there are pictures.
  const repeated: Node[] = [
    { op: 'Shape', inputs: ['images'], outputs: ['shape'] },
    { op: 'Gather', inputs: ['shape', 'first'], outputs: ['count'] },
    { op: 'Concat', inputs: ['count', 'rest'], outputs: ['wanted'], attributes: { axis: 0 } },
    { op: 'Expand', inputs: ['answer', 'wanted'], outputs: ['output'] },
  ];
  const constants = [['first', int64s([0])] as const, ['rest', int64s([cells.length, columns])] as const];
  const batch = hasBatchAxis ? -1 : 1;
  return encodeModel({
    name: 'tiny',
    nodes: hasBatchAxis ? repeated : same,
    initializers: new Map([answer, ...(hasBatchAxis ? constants : []), ...(ballast > 0 ? [weight] : [])]),
    inputs: [{ name: 'images', type: 'float32', shape: [batch, 3, SIZE, SIZE] }],
    outputs: [{ name: 'output', type: 'float32', shape: [batch, cells.length, columns] }],
  });
}

function gridCells(): Array<{ readonly x: number; readonly y: number; readonly stride: number }> {
  return STRIDES.flatMap((stride) => {
    const side = SIZE / stride;
    return Array.from({ length: side * side }, (_, i) => ({ x: i % side, y: Math.floor(i / side), stride }));
  });
}
