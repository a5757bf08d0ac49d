/** The client against our own service with a real model: whichever API is asked, the objects are the same. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { inferenceConfig } from '../../src/inference/config.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import { buildCoco } from '../../src/models/build-coco.ts';
import { openStore } from '../../src/models/store.ts';
import { modelFolder, serverForTest } from '../server/running-server.ts';

test('the standard API and the Open Inference Protocol give the same objects', { timeout: 60_000 }, async () => {
  const directory = await modelFolder();
  await buildCoco({ store: openStore(directory), signal: new AbortController().signal });
  const server = await serverForTest({ directory });
  await server.nextWorker();
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')));
  const sample = await readFile(join(packageFolder, 'assets', 'samples.jpg'));
  const jpeg = await sharp(sample).resize({ width: 640 }).jpeg().toBuffer();
  const ask = async (settings: Record<string, unknown>) => {
    const client = openInferenceClient(inferenceConfig.parse({ url: server.url, confidence: 0.3, ...settings }));
    onTestFinished(() => client[Symbol.asyncDispose]());
    const { signal } = new AbortController();
    const verdict = await client.infer({ jpeg }, { model: 'coco/1', deadline: performance.now() + 20_000, signal });
    expect(await client.probe(signal)).toMatchObject([{ ok: true }]);
    if (verdict.verdict !== 'ok') throw new Error(verdict.message);
    return verdict.detections.map(({ label, score, box }) => ({
      label,
      score: Number(score.toFixed(3)),
      box: box.map((value) => Number(value.toFixed(3))),
    }));
  };
  const standard = await ask({ api: 'roboflow' });
  expect(standard.length).toBeGreaterThan(0);
  expect(await ask({ api: 'roboflow', encoding: 'multipart' })).toEqual(standard);
  expect(await ask({ api: 'oip-v2' })).toEqual(standard);
});
