import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { encodeModel } from '../../src/models/onnx/model.ts';
import { floats, int64s } from '../../src/models/onnx/tensor.ts';
import { loadModel } from '../../src/server/model.ts';
import { MANIFEST } from '../helpers/model-server.ts';
import { modelFolder } from './running-server.ts';

const SETTINGS = { providers: ['cpu'], threads: 1 } as const;
const OPTIONS = { overlap: 0.3, maxDetections: 300, classAgnostic: false };

/** As D-FINE is exported: a second input with the size (width, height), one box over its middle, an int64 class. */
function dFine(): Buffer {
  return encodeModel({
    name: 'd-fine',
    nodes: [
      { op: 'Cast', inputs: ['orig_target_sizes'], outputs: ['sizes'], attributes: { to: 1 } },
      { op: 'Concat', inputs: ['sizes', 'sizes'], outputs: ['corners'], attributes: { axis: 1 } },
      { op: 'Mul', inputs: ['corners', 'shares'], outputs: ['box'] },
      { op: 'Reshape', inputs: ['box', 'shape'], outputs: ['boxes'] },
      { op: 'Identity', inputs: ['class'], outputs: ['labels'] },
      { op: 'Identity', inputs: ['score'], outputs: ['scores'] },
    ],
    initializers: new Map([
      ['shares', floats([0.25, 0.25, 0.75, 0.5], [1, 4])],
      ['shape', int64s([1, 1, 4])],
      ['class', int64s([1], [1, 1])],
      ['score', floats([0.9], [1, 1])],
    ]),
    inputs: [
      { name: 'images', type: 'float32', shape: [1, 3, 32, 64] },
      { name: 'orig_target_sizes', type: 'int64', shape: [1, 2] },
    ],
    outputs: [
      { name: 'labels', type: 'int64', shape: [1, 1] },
      { name: 'boxes', type: 'float32', shape: [1, 1, 4] },
      { name: 'scores', type: 'float32', shape: [1, 1] },
    ],
  });
}

test('a model that wants the size of the picture gets that of its input, and its int64 classes are read', async () => {
  const file = join(await modelFolder(), 'model.onnx');
  await writeFile(file, dFine());
  const manifest = {
    ...MANIFEST,
    input: { ...MANIFEST.input, width: 64, height: 32, fit: 'stretch' },
    decoder: 'd-fine',
    labels: ['person', 'car'],
  } as const;
  const model = await loadModel(file, { ...manifest, labels: [...manifest.labels] }, SETTINGS);
  const picture = { create: { width: 100, height: 100, channels: 3, background: 'red' } } as const;
  const image = await sharp(picture).png().toBuffer();
  const [outcome] = await model.detect([{ image, options: OPTIONS }]);
  expect(outcome).toMatchObject({
    picture: {
      width: 100,
      height: 100,
      detections: [{ label: 'car', score: expect.closeTo(0.9), box: [0.25, 0.25, 0.5, 0.25] }],
    },
  });
  expect(model.about.hasBatchAxis).toBe(false);
});
