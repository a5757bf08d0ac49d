import { describe, expect, test } from 'vitest';
import type { ModelInput } from '../../src/models/manifest.ts';
import { decodeDFine } from '../../src/server/decoders/d-fine.ts';
import type { Outputs } from '../../src/server/decoders/decoder.ts';
import { decodeNanodet } from '../../src/server/decoders/nanodet.ts';
import { decodePicodet } from '../../src/server/decoders/picodet.ts';
import { decodeRfDetr } from '../../src/server/decoders/rf-detr.ts';
import { decodeYolov8 } from '../../src/server/decoders/yolov8.ts';

const input: ModelInput = {
  width: 64,
  height: 64,
  layout: 'nchw',
  type: 'float32',
  colour: 'bgr',
  fit: 'stretch',
  pad: 114,
};
const manifest = { input, labels: ['person', 'car'] };
const whole = { width: 64, height: 64 };
const close = (values: readonly number[], size = 64) => values.map((value) => expect.closeTo(value / size, 5));
const tensor = (dims: number[], values: readonly number[] | Float32Array = []) => {
  const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
  data.set(values);
  return { data, dims };
};
/** Logits whose softmax is all on `bin`, out of 8. */
const at = (bin: number) => Array.from({ length: 8 }, (_, i) => (i === bin ? 50 : 0));
const BINS = 8;

describe('NanoDet-Plus', () => {
  // 8x8 cells of stride 8, 4x4 of 16, 2x2 of 32, one of 64; rows of 2 scores and 4 * 8 logits.
  const columns = 2 + 4 * BINS;
  const output = (rows: Record<number, number[]>): Outputs => {
    const found = tensor([1, 85, columns]);
    for (const [row, values] of Object.entries(rows)) found.data.set(values, Number(row) * columns);
    return { output: found };
  };

  test('measures from the corner of the cell, in strides', () => {
    // Row 64 + 5 is cell (1, 1) of stride 16: corner (16, 16); distances 1, 0, 2, 1 strides.
    const found = decodeNanodet(
      output({ 69: [0.2, 0.75, ...at(1), ...at(0), ...at(2), ...at(1)] }),
      manifest,
      whole,
      0.5,
    );
    expect(found).toEqual([{ label: 'car', score: 0.75, box: close([0, 16, 48, 16]) }]);
  });

  test('takes the mean of a distribution that is spread', () => {
    // Half on 1, half on 3: two strides. Row 84 is the only cell of stride 64.
    const half = [0, 50, 0, 50, 0, 0, 0, 0];
    const found = decodeNanodet(output({ 9: [0.9, 0, ...half, ...half, ...at(4), ...at(4)] }), manifest, whole, 0.5);
    // Cell (1, 1) of stride 8: corner (8, 8); left and top leave the frame.
    expect(found).toEqual([{ label: 'person', score: expect.closeTo(0.9, 5), box: close([0, 0, 40, 40]) }]);
  });

  test('refuses an output of another size and says which it wants', () => {
    expect(() => decodeNanodet({ output: tensor([1, 84, columns]) }, manifest, whole, 0.5)).toThrow(
      'expected one output [1, 85, 2 + 4 * bins], or two outputs per stride, got output [1, 84, 34]',
    );
  });
});

describe('the first NanoDet', () => {
  test('has two outputs per stride and measures from the middle of the cell', () => {
    const outputs = Object.fromEntries(
      [8, 16, 32].flatMap((stride) => {
        const cells = (64 / stride) ** 2;
        return [
          [`cls_pred_stride_${stride}`, tensor([1, cells, 2])],
          [`dis_pred_stride_${stride}`, tensor([1, cells, 4 * BINS])],
        ];
      }),
    );
    // Cell (2, 1) of stride 8: middle (20, 12).
    outputs['cls_pred_stride_8']!.data.set([0.8, 0.1], 10 * 2);
    outputs['dis_pred_stride_8']!.data.set([...at(1), ...at(1), ...at(2), ...at(1)], 10 * 4 * BINS);
    expect(decodeNanodet(outputs, manifest, whole, 0.5)).toEqual([
      { label: 'person', score: expect.closeTo(0.8, 5), box: close([12, 4, 24, 16]) },
    ]);
  });
});

describe('PicoDet', () => {
  test('with its postprocessing: class, score, corners in input pixels, beside a count', () => {
    const rows = [1, 0.9, 8, 16, 40, 48, 0, 0.2, 0, 0, 8, 8, -1, 0.9, 0, 0, 8, 8];
    const outputs = { 'multiclass_nms3_0.tmp_0': tensor([3, 6], rows), 'multiclass_nms3_0.tmp_2': tensor([1], [2]) };
    expect(decodePicodet(outputs, manifest, whole, 0.5)).toEqual([
      { label: 'car', score: expect.closeTo(0.9, 5), box: close([8, 16, 32, 32]) },
    ]);
  });

  test('without it: two outputs per stride, from the middle of the cell', () => {
    const outputs = Object.fromEntries(
      [8, 16, 32, 64].flatMap((stride) => {
        const cells = (64 / stride) ** 2;
        return [
          [`transpose_${stride}.tmp_0`, tensor([1, cells, 2])],
          [`transpose_${stride}.tmp_1`, tensor([1, cells, 4 * BINS])],
        ];
      }),
    );
    // The only cell of stride 64: middle (32, 32); a quarter of a stride to each side is 16 pixels.
    const quarter = Array.from({ length: BINS }, (_, i) => (i === 0 ? Math.log(3) : i === 1 ? 0 : -1e9));
    outputs['transpose_64.tmp_0']!.data.set([0.1, 0.6]);
    outputs['transpose_64.tmp_1']!.data.set([...quarter, ...quarter, ...quarter, ...quarter]);
    expect(decodePicodet(outputs, manifest, whole, 0.5)).toEqual([
      { label: 'car', score: expect.closeTo(0.6, 5), box: close([16, 16, 32, 32]) },
    ]);
  });
});

describe('RF-DETR', () => {
  const logit = (score: number) => Math.log(score / (1 - score));

  test('takes the best pairs of query and class through a sigmoid, and centre and size in fractions', () => {
    const outputs = {
      dets: tensor([1, 2, 4], [0.5, 0.5, 0.25, 0.5, 0.1, 0.1, 0.1, 0.1]),
      labels: tensor([1, 2, 3], [logit(0.9), logit(0.6), -9, -9, -9, -9]),
    };
    const found = decodeRfDetr(outputs, { input, labels: ['N/A', 'person', 'car'] }, whole, 0.5);
    expect(found).toEqual([{ label: 'person', score: expect.closeTo(0.6, 5), box: close([24, 16, 16, 32]) }]);
  });

  test('leaves out classes beyond the labels and what is below the score', () => {
    const outputs = { dets: tensor([1, 1, 4], [0.5, 0.5, 0.5, 0.5]), labels: tensor([1, 1, 3], [logit(0.4), -9, 9]) };
    expect(decodeRfDetr(outputs, manifest, whole, 0.5)).toEqual([]);
    expect(decodeRfDetr(outputs, manifest, whole, 0.3)).toHaveLength(1);
  });
});

test('D-FINE gives class, corners in input pixels and score in three outputs', () => {
  const outputs = {
    labels: tensor([1, 2], [1, 0]),
    boxes: tensor([1, 2, 4], [8, 8, 24, 40, 0, 0, 8, 8]),
    scores: tensor([1, 2], [0.75, 0.1]),
  };
  expect(decodeDFine(outputs, manifest, whole, 0.5)).toEqual([
    { label: 'car', score: 0.75, box: close([8, 8, 16, 32]) },
  ]);
  expect(() => decodeDFine({ boxes: tensor([1, 2, 4]) }, manifest, whole, 0.5)).toThrow('outputs labels [1, n], boxes');
});

describe('YOLOv8', () => {
  test('has a column per cell: centre, size and a score per label', () => {
    // 3 cells; the second one is a car at (32, 20), 16x8.
    const rows = [
      [0, 32, 0],
      [0, 20, 0],
      [0, 16, 0],
      [0, 8, 0],
      [0.1, 0.2, 0],
      [0.2, 0.8, 0],
    ];
    expect(decodeYolov8({ output0: tensor([1, 6, 3], rows.flat()) }, manifest, whole, 0.5)).toEqual([
      { label: 'car', score: expect.closeTo(0.8, 5), box: close([24, 16, 16, 8]) },
    ]);
  });

  test('takes the middle of a centred letterbox for the frame', () => {
    const rows = [[32], [32], [64], [16], [0.9], [0]];
    const middle = { width: 64, height: 32, left: 0, top: 16 };
    const [found] = decodeYolov8({ output0: tensor([1, 6, 1], rows.flat()) }, manifest, middle, 0.5);
    expect(found?.box).toEqual([0, 0.25, 1, 0.5]);
  });

  test('exported end to end has rows of corners, score and class', () => {
    const outputs = { output0: tensor([1, 3, 6], [8, 8, 24, 40, 0.7, 1]) };
    expect(decodeYolov8(outputs, manifest, whole, 0.5)).toEqual([
      { label: 'car', score: expect.closeTo(0.7, 5), box: close([8, 8, 16, 32]) },
    ]);
  });
});
