import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { writeTinyModel } from '../helpers/tiny-model.ts';

test('the tiny model loads in ONNX Runtime and answers in the YOLOX layout', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'framegate-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const { file } = await writeTinyModel(directory);
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1 });
  onTestFinished(() => session.release());
  const pixels = new Tensor('float32', new Float32Array(3 * 32 * 32), [1, 3, 32, 32]);
  const { output } = await session.run({ images: pixels });
  expect(output!.dims).toEqual([1, 21, 7]);
  const [x, y, logWidth, logHeight, objectness, person, car] = output!.data as Float32Array;
  expect([x! * 8, y! * 8, Math.exp(logWidth!) * 8, Math.exp(logHeight!) * 8]).toEqual(
    [16, 16, 16, 16].map((v) => expect.closeTo(v, 4)),
  );
  expect([objectness! * person!, car]).toEqual([expect.closeTo(0.9, 5), 0]);
});
