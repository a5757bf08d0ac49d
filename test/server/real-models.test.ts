import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { buildCoco } from '../../src/models/build-coco.ts';
import { openStore } from '../../src/models/store.ts';
import { testData } from '../helpers/test-data.ts';
import { asFile, modelFolder, type RunningServer, serverForTest } from './running-server.ts';

/** Where the figure stands in the scene, in pixels. */
const FIGURE = { left: 460, top: 180, side: 360 };
const SAMPLE = 150;

/** The rendered figure in the corner of a sample picture, cut out of its white background and put on gray: a 1280x720 JPEG. */
async function scene(): Promise<Uint8Array<ArrayBuffer>> {
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')));
  const { side, left, top } = FIGURE;
  const sample = await sharp(join(packageFolder, 'assets', 'samples.jpg'))
    .extract({ left: 0, top: 0, width: SAMPLE, height: SAMPLE })
    .ensureAlpha()
    .raw()
    .toBuffer();
  for (let at = 0; at < sample.length; at += 4) {
    if (Math.min(sample[at]!, sample[at + 1]!, sample[at + 2]!) > 245) sample[at + 3] = 0;
  }
  const figure = await sharp(sample, { raw: { width: SAMPLE, height: SAMPLE, channels: 4 } })
    .resize(side, side)
    .png()
    .toBuffer();
  const ground = sharp({ create: { width: 1280, height: 720, channels: 3, background: 'gray' } });
  return Uint8Array.from(
    await ground
      .composite([{ input: figure, left, top }])
      .jpeg({ quality: 85 })
      .toBuffer(),
  );
}

async function expectPerson(server: RunningServer, ref: string, score: number): Promise<void> {
  await server.nextWorker();
  const { status, body } = await server.post(`/${ref}`, asFile(await scene()));
  expect([status, body.image]).toEqual([200, { width: 1280, height: 720 }]);
  expect(body.predictions).toEqual([expect.objectContaining({ class: 'person', class_id: 0 })]);
  const { confidence, x, y, height } = body.predictions[0];
  expect(confidence).toBeGreaterThan(score - 0.1);
  const { left, top, side } = FIGURE;
  expect(Math.abs(x - (left + side / 2))).toBeLessThan(40);
  expect(Math.abs(y - (top + side / 2))).toBeLessThan(40);
  expect(Math.abs(height - side)).toBeLessThan(60);
}

const yolox = testData('yolox_nano.onnx');

test.skipIf(yolox === undefined)('YOLOX nano finds the person where it stands', async () => {
  const directory = await modelFolder();
  const store = openStore(directory);
  // The labels of the built model are those of every model of this data set.
  const { manifest } = await buildCoco({ store, signal: new AbortController().signal });
  const bytes = await readFile(yolox!);
  await store.install(
    {
      ...manifest,
      name: 'yolox/1',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      decoder: 'yolox',
      input: { width: 416, height: 416, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
    },
    yolox!,
  );
  await expectPerson(await serverForTest({ directory, config: { models: ['yolox/1'] } }), 'yolox/1', 0.87);
});

test('the model that is built without a download finds the person where it stands', async () => {
  const directory = await modelFolder();
  await buildCoco({ store: openStore(directory), signal: new AbortController().signal });
  await expectPerson(await serverForTest({ directory }), 'coco/1', 0.71);
});
