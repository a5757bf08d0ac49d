/**
 * The runners in Python that come with the program. `oak.py` runs on a stand-in of the DepthAI module, as no device is here.
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { ModelManifest } from '../../src/models/manifest.ts';
import { checkRunner } from '../../src/server/runner/check-runner.ts';
import { installRunnerModel } from './runner-model.ts';
import { asFile, modelFolder, serverForTest } from './running-server.ts';

const PYTHON = '/usr/bin/python3';
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const OAK = [
  '/usr/bin/env',
  `PYTHONPATH=${path('fixtures/depthai')}`,
  PYTHON,
  '-B',
  path('../../models/runners/oak.py'),
];
const TEMPLATE = [PYTHON, '-B', path('../../models/runners/template.py')];
const planar = { width: 32, height: 32, layout: 'nchw', type: 'uint8', colour: 'bgr', fit: 'stretch', pad: 0 } as const;

async function check(command: readonly string[], change: Partial<ModelManifest> = {}) {
  const model = await installRunnerModel(await modelFolder(), { input: planar, ...change });
  return checkRunner(command, model, new AbortController().signal);
}

test.each([
  ['the template', TEMPLATE, {}],
  ['the OAK with a MobileNet-SSD', OAK, {}],
  ['the OAK with a YOLO', OAK, { options: { family: 'yolo' } }],
])('%s keeps to the protocol', async (_name, command, change) => {
  expect((await check(command, change)).filter(({ ok }) => !ok)).toEqual([]);
});

test('the OAK says what it cannot run', async () => {
  expect(await check(OAK, { options: { family: 'resnet' } })).toMatchObject([
    { name: 'starts', ok: false, message: expect.stringContaining('not "resnet"') },
  ]);
  expect(await check(OAK, { input: { ...planar, layout: 'nhwc' } })).toMatchObject([
    { name: 'starts', ok: false, message: expect.stringContaining('an OAK takes') },
  ]);
});

test('the OAK sees the picture, and its boxes come out of the standard API', async () => {
  const directory = await modelFolder();
  await installRunnerModel(directory, { name: 'yard/1', input: planar });
  const server = await serverForTest({ directory, config: { runners: [{ name: 'fixture', command: OAK }] } });
  await server.nextWorker();
  const square = await sharp({ create: { width: 32, height: 16, channels: 3, background: 'white' } })
    .png()
    .toBuffer();
  const picture = await sharp({ create: { width: 64, height: 32, channels: 3, background: 'black' } })
    .composite([{ input: square, left: 16, top: 8 }])
    .png()
    .toBuffer();
  const { body } = await server.post('/yard/1', asFile(Uint8Array.from(picture)));
  const near = (value: number) => expect.closeTo(value, -0.7);
  expect(body.predictions).toMatchObject([
    { class: 'car', confidence: 0.75, x: near(32), y: near(16), width: near(32), height: near(16) },
  ]);
});
