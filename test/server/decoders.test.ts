import { describe, expect, test } from 'vitest';
import type { Detection } from '../../src/inference/detection.ts';
import type { Box } from '../../src/lib/box.ts';
import type { ModelInput } from '../../src/models/manifest.ts';
import { decodeCenternet } from '../../src/server/decoders/centernet.ts';
import type { Outputs } from '../../src/server/decoders/decoder.ts';
import { suppress } from '../../src/server/decoders/nms.ts';
import { decodeYolox } from '../../src/server/decoders/yolox.ts';

const input: ModelInput = {
  width: 32,
  height: 32,
  layout: 'nchw',
  type: 'float32',
  colour: 'bgr',
  fit: 'letterbox',
  pad: 114,
};
const manifest = { input, labels: ['person', 'car'] };
const whole = { width: 32, height: 32 };
const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

/** 4x4 cells of stride 8, 2x2 of stride 16, one of stride 32; `rows` by index. */
function yoloxOutput(rows: Record<number, number[]>, columns = 7): Outputs {
  const data = new Float32Array(21 * columns);
  for (const [row, values] of Object.entries(rows)) data.set(values, Number(row) * columns);
  return { output: { data, dims: [1, 21, columns] } };
}

describe('yolox', () => {
  test('reads centre, size and score of a cell of the finest grid', () => {
    // Row 6 is cell x=2, y=1 at stride 8: centre (0.5+2)*8=20, (0.25+1)*8=10, size 8*e^ln2=16 by 8*e^0=8.
    const [only, ...others] = decodeYolox(
      yoloxOutput({ 6: [0.5, 0.25, Math.log(2), 0, 0.8, 0.1, 0.5] }),
      manifest,
      whole,
      0.3,
    );
    expect(others).toEqual([]);
    expect(only).toEqual({
      label: 'car',
      score: expect.closeTo(0.4, 5),
      box: close([12 / 32, 6 / 32, 16 / 32, 8 / 32]),
    });
  });

  test('numbers the cells of the coarser grids behind those of the finer ones', () => {
    // Row 16+3 is cell x=1, y=1 at stride 16, row 20 the only one at stride 32.
    const found = decodeYolox(
      yoloxOutput({ 19: [0.5, 0.5, -Math.log(2), -Math.log(2), 1, 0.9, 0], 20: [0.5, 0.5, -1, -1, 1, 0.8, 0] }),
      manifest,
      whole,
      0.3,
    );
    expect(found.map(({ box }) => box)).toEqual([
      close([20 / 32, 20 / 32, 8 / 32, 8 / 32]),
      close([0.5 - Math.exp(-1) / 2, 0.5 - Math.exp(-1) / 2, Math.exp(-1), Math.exp(-1)]),
    ]);
  });

  test('gives fractions of the frame, not of the letterbox around it, and cuts at the border of the frame', () => {
    // The frame covers 32x16 of the input. Row 5: cell x=1, y=1 at stride 8, centre (12, 12), 16x16: y from 4 to 20.
    const [found] = decodeYolox(
      yoloxOutput({ 5: [0.5, 0.5, Math.log(2), Math.log(2), 1, 1, 0] }),
      manifest,
      { width: 32, height: 16 },
      0.3,
    );
    expect(found?.box).toEqual(close([4 / 32, 4 / 16, 16 / 32, 12 / 16]));
  });

  test('leaves out what lies in the padding, is below the score, or is no number', () => {
    const found = decodeYolox(
      yoloxOutput({
        12: [0.5, 0.5, -3, -3, 1, 1, 0], // centre (4, 28), below a frame of 16 lines
        0: [0.5, 0.5, 0, 0, 0.5, 0.5, 0], // score 0.25
        1: [0.5, 0.5, 0, 0, Number.NaN, 1, 0],
        2: [Number.NaN, 0.5, 0, 0, 1, 1, 0],
      }),
      manifest,
      { width: 32, height: 16 },
      0.3,
    );
    expect(found).toEqual([]);
  });

  test('refuses an output that does not fit the labels or the input size', () => {
    expect(() => decodeYolox(yoloxOutput({}, 85), manifest, whole, 0.3)).toThrow(
      expect.objectContaining({
        code: 'ERR_MODEL_UNSUPPORTED',
        message: 'expected one output [1, 21, 7], got output [1, 21, 85]',
      }),
    );
  });
});

describe('centernet', () => {
  const rows = (...values: number[][]): Outputs => ({
    detections: { data: Float32Array.from(values.flat()), dims: [values.length, 6] },
  });

  test('reads corners in input pixels, score and class', () => {
    const found = decodeCenternet(rows([8, 4, 24, 28, 0.75, 1], [0, 0, 8, 8, 0.25, 0]), manifest, whole, 0.5);
    expect(found).toEqual([{ label: 'car', score: 0.75, box: [8 / 32, 4 / 32, 16 / 32, 24 / 32] }]);
  });

  test('leaves out classes without a label and boxes without an area', () => {
    expect(decodeCenternet(rows([8, 4, 24, 28, 0.9, 7], [8, 8, 8, 20, 0.9, 0]), manifest, whole, 0.5)).toEqual([]);
  });
});

describe('suppression', () => {
  const seen = (label: string, score: number, box: Box): Detection => ({ label, score, box });
  // IoU of a with b: 0.3*0.4 / (2*0.16 - 0.12) = 0.6; of a with c: 0.1*0.4 / (0.32 - 0.04) = 1/7.
  const a = seen('person', 0.9, [0.1, 0.1, 0.4, 0.4]);
  const b = seen('person', 0.8, [0.2, 0.1, 0.4, 0.4]);
  const c = seen('person', 0.7, [0.4, 0.1, 0.4, 0.4]);

  test('keeps the best of boxes that overlap more than allowed, best first', () => {
    expect(suppress([c, b, a], 0.5)).toEqual([a, c]);
    expect(suppress([c, b, a], 0.61)).toEqual([a, b, c]);
    expect(suppress([c, b, a], 0.1)).toEqual([a]);
  });

  test('lets boxes of different labels lie over each other, unless told otherwise', () => {
    const car = { ...b, label: 'car' };
    expect(suppress([a, car], 0.5)).toEqual([a, car]);
    expect(suppress([a, car], 0.5, true)).toEqual([a]);
  });
});
