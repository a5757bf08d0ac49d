import { InferenceSession } from 'onnxruntime-node';
import { expect, onTestFinished, test } from 'vitest';
import { findEntry, loadCatalogue } from '../../src/models/catalogue.ts';
import { modelManifest } from '../../src/models/manifest.ts';
import { testData } from '../helpers/test-data.ts';

test('each model is found by its short and by its full name', async () => {
  const catalogue = await loadCatalogue();
  expect(catalogue.map((entry) => entry.key)).toEqual(['coco', 'yolox-nano']);
  for (const entry of catalogue) {
    expect(findEntry(catalogue, entry.key)).toBe(entry);
    expect(findEntry(catalogue, entry.name)).toBe(entry);
    expect(entry.name).toMatch(new RegExp(`^${entry.key}/`));
  }
});

test('an unknown name is answered with the known ones', async () => {
  const catalogue = await loadCatalogue();
  expect(() => findEntry(catalogue, 'yolo')).toThrowError(
    expect.objectContaining({ code: 'ERR_MODEL_NOT_FOUND', hint: 'it has coco, yolox-nano' }),
  );
});

test('a download comes as a manifest that is complete, with the labels of COCO', async () => {
  const entry = findEntry(await loadCatalogue(), 'yolox-nano');
  if (entry.kind !== 'download') expect.unreachable();
  expect(modelManifest.parse(entry.manifest)).toEqual(entry.manifest);
  expect(entry.manifest.source).toMatch(/^https:/);
  expect(entry.manifest.labels).toHaveLength(80);
  expect([entry.manifest.labels[0], entry.manifest.labels[79]]).toEqual(['person', 'toothbrush']);
});

const yolox = testData('yolox_nano.onnx');
test.skipIf(!yolox)('what it says about YOLOX-Nano fits the network', async () => {
  const entry = findEntry(await loadCatalogue(), 'yolox-nano');
  if (entry.kind !== 'download') expect.unreachable();
  const { input, labels } = entry.manifest;
  const session = await InferenceSession.create(yolox!, { intraOpNumThreads: 1 });
  onTestFinished(() => session.release());
  const cells = [8, 16, 32].reduce((sum, stride) => sum + (input.width / stride) * (input.height / stride), 0);
  expect(session.inputMetadata).toMatchObject([
    { name: 'images', type: 'float32', shape: [1, 3, input.height, input.width] },
  ]);
  expect(session.outputMetadata).toMatchObject([{ name: 'output', shape: [1, cells, 5 + labels.length] }]);
});
