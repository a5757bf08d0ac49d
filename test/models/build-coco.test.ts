import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildCoco } from '../../src/models/build-coco.ts';
import type { InstalledModel } from '../../src/models/installed.ts';
import { openStore } from '../../src/models/store.ts';
import { loadReference, runReference } from '../helpers/tfjs.ts';

const SIZE = 512;
const SHAPE = [1, SIZE, SIZE, 3];
const COLUMNS = 6;

/** Of x1, y1, x2, y2 in pixels of 512, score, class. The largest differences seen are 4.3e-4 pixels and 1.2e-6 of the score. */
const TOLERANCES = [0.01, 0.01, 0.01, 0.01, 1e-4, 0];

const humanPackage = dirname(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')));
const samples = join(humanPackage, 'assets', 'samples.jpg');

let directory: string;
let model: InstalledModel;
let session: InferenceSession;
const steps: Array<[number, number]> = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'framegate-coco-'));
  const { signal } = new AbortController();
  model = await buildCoco({ store: openStore(directory), signal, onProgress: (...step) => steps.push(step) });
  session = await InferenceSession.create(model.file, { intraOpNumThreads: 1 });
});

afterAll(async () => {
  await session?.release();
  await rm(directory, { recursive: true });
});

/** The picture as the model wants it: RGB, stretched to 512x512. */
async function pixelsOf(picture: Sharp): Promise<Uint8Array> {
  return picture.removeAlpha().toColourspace('srgb').resize(SIZE, SIZE, { fit: 'fill' }).raw().toBuffer();
}

async function detect(pixels: Uint8Array): Promise<Float32Array> {
  const { detections } = await session.run({ images: new Tensor('uint8', pixels, SHAPE) });
  expect(detections!.dims).toEqual([100, COLUMNS]);
  return detections!.data as Float32Array;
}

/** The rendered figure of the package's sample picture, its white background made transparent, on a gray and noisy one. */
async function figureOnGray(): Promise<Uint8Array> {
  const figure = sharp(samples).extract({ left: 4, top: 2, width: 144, height: 156 }).resize({ height: 360 });
  const { data, info } = await figure.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < data.length; i += 4) {
    const darkest = Math.min(data[i]!, data[i + 1]!, data[i + 2]!);
    data[i + 3] = Math.min(255, Math.max(0, (252 - darkest) * 15));
  }
  const noise = Buffer.from(Uint8Array.from({ length: 1280 * 720 * 3 }, (_, i) => 120 + ((i * 7919) % 13)));
  const scene = await sharp(noise, { raw: { width: 1280, height: 720, channels: 3 } })
    .composite([{ input: data, raw: { width: info.width, height: info.height, channels: 4 }, left: 460, top: 200 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return pixelsOf(sharp(scene, { raw: { width: 1280, height: 720, channels: 3 } }));
}

test('the model is installed as coco/1 with all that is needed to use it', async () => {
  const { manifest } = await openStore(directory).verify('coco/1');
  expect(manifest).toMatchObject({
    name: 'coco/1',
    source: expect.stringMatching(/^npm:@vladmandic\/human@\d+\.\d+\.\d+$/),
    decoder: 'centernet',
    input: { width: SIZE, height: SIZE, layout: 'nhwc', type: 'uint8', colour: 'rgb', fit: 'stretch' },
  });
  expect(manifest.labels).toHaveLength(80);
  expect(manifest.bytes).toBeLessThan(4.2e6);
  expect(steps.at(-1)).toEqual([3, 3]);
});

test('building it again gives the same bytes', async () => {
  const other = await mkdtemp(join(tmpdir(), 'framegate-coco-'));
  onTestFinished(() => rm(other, { recursive: true }));
  const again = await buildCoco({ store: openStore(other), signal: new AbortController().signal });
  expect(again.manifest.sha256).toBe(model.manifest.sha256);
  expect((await readFile(again.file)).equals(await readFile(model.file))).toBe(true);
});

test('it answers what TensorFlow.js answers for the original', async () => {
  const original = join(humanPackage, 'models', 'centernet');
  const reference = await loadReference(await readFile(`${original}.json`, 'utf8'), await readFile(`${original}.bin`));
  const pictures = [
    await pixelsOf(sharp(samples)),
    await pixelsOf(sharp(samples).extract({ left: 0, top: 0, width: 300, height: 300 })),
    await pixelsOf(sharp(join(humanPackage, 'assets', 'screenshot-facematch.jpg'))),
    await pixelsOf(sharp(join(humanPackage, 'assets', 'screenshot-vrm.jpg'))),
    await figureOnGray(),
  ];
  for (const pixels of pictures) {
    const expected = (await runReference(reference, pixels, SHAPE, 'tower_0/detections')).slice(0, 20 * COLUMNS);
    const actual = await detect(pixels);
    const differences = expected.map((value, i) => Math.abs(value - actual[i]!));
    expect(differences.filter((difference, i) => difference > TOLERANCES[i % COLUMNS]!)).toEqual([]);
  }
});

test('it finds the figure on a gray background and says person, at the place where it stands', async () => {
  const [x1, y1, x2, y2, score, label] = await detect(await figureOnGray());
  expect(model.manifest.labels[label!]).toBe('person');
  expect(score).toBeGreaterThan(0.5);
  const box = [x1! * (1280 / SIZE), y1! * (720 / SIZE), x2! * (1280 / SIZE), y2! * (720 / SIZE)];
  expect(box[0]).toBeGreaterThan(440);
  expect(box[1]).toBeGreaterThan(180);
  expect(box[2]).toBeLessThan(840);
  expect(box[3]).toBeLessThan(580);
});

test('an aborted build installs nothing', async () => {
  const other = await mkdtemp(join(tmpdir(), 'framegate-coco-'));
  onTestFinished(() => rm(other, { recursive: true }));
  const store = openStore(other);
  await expect(buildCoco({ store, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  expect((await store.list()).models).toEqual([]);
});
