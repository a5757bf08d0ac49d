/**
 * What crops are worth, measured: recorded people in a view so wide that they are small in it, the real motion detector, the real model behind the
 * real service. Truth is what the model sees in the recording as it is.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../../src/ask.ts';
import { CameraStats } from '../../src/camera-stats.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import { inferenceConfig } from '../../src/inference/config.ts';
import { cropPicture } from '../../src/inference/crop.ts';
import { CurrentInference } from '../../src/inference/current-inference.ts';
import type { Detection } from '../../src/inference/detection.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import { type Box, iou } from '../../src/lib/box.ts';
import { buildCoco } from '../../src/models/build-coco.ts';
import { openStore } from '../../src/models/store.ts';
import { motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { createRecentMotion } from '../../src/motion/recent-motion.ts';
import { cpuOf } from '../bench/measure/process-tree.ts';
import { testData } from '../helpers/test-data.ts';
import { modelFolder, serverForTest } from '../server/running-server.ts';

const run = promisify(execFile);
const model = testData('yolox_nano.onnx');
const clip = testData('one-by-one-person-detection.mp4');

const FPS = 5;
/** One look a second, as the sampler has it. */
const EVERY = FPS;
const LUMA = { width: 320, height: 180 };
/** The wide picture, and where the recording is in it. */
const WIDE = { width: 2560, height: 1440 };
const PLACE = { left: 1300, top: 700, width: 320, height: 180 };
const PART = { start: 70, seconds: 35 };

test.skipIf(model === undefined || clip === undefined)(
  'a square around what moves shows small people whom the whole picture hides, and costs less',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'framegate-small-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await film(folder);
    const frames = PART.seconds * FPS;
    const luma = await readFile(join(folder, 'luma.raw'));
    const server = await serveYolox();
    const truth = await openTruth(server.url, folder);

    // Loads what it needs, so that it is not counted as work.
    await cropPicture(await readFile(join(folder, name('wide', 0))), { left: 0, top: 0, width: 416, height: 416 });
    const full = await openWay(server.url, 'off');
    const cropped = await openWay(server.url, 'auto');
    const detect = createMotionDetector(motionConfig.parse({}));
    const recent = createRecentMotion();
    const sums = { looks: 0, people: 0 };
    for (let index = 0; index < frames; index += 1) {
      const at = 1000 + (index * 1000) / FPS;
      const size = LUMA.width * LUMA.height;
      const motion = detect({ at, time: at, ...LUMA, data: luma.subarray(index * size, (index + 1) * size) });
      recent.push(motion.regions, at);
      if (motion.state !== 'moving' || index % EVERY !== 0) continue;
      const people = await truth(index);
      const jpeg = await readFile(join(folder, name('wide', index)));
      sums.looks += 1;
      sums.people += people.length;
      // Alternating, so that a machine that slows down is fair to both.
      for (const way of index % 2 === 0 ? [full, cropped] : [cropped, full])
        await way.look(jpeg, recent.regions(at), people, server.pid);
    }
    const rows = [full, cropped].map(({ crop, figures }) => ({ crop, ...sums, ...figures() }));
    console.table(rows);
    const [before, after] = rows as [(typeof rows)[0], (typeof rows)[0]];
    expect(sums.people).toBeGreaterThanOrEqual(8);
    expect(after.found).toBeGreaterThan(before.found + sums.people / 3);
    expect(after.wrong).toBeLessThanOrEqual(before.wrong + 1);
    expect(after.kilobytes).toBeLessThan(before.kilobytes / 2);
  },
);

const name = (what: string, index: number) => `${what}-${String(index + 1).padStart(4, '0')}.jpg`;

/** The recording as it is, in the wide view, and the wide view as motion sees it. */
async function film(folder: string): Promise<void> {
  const { path } = await createFfmpegFinder()();
  const { width, height, left, top } = PLACE;
  const filter = [
    `[0:v]fps=${FPS},split=2[plain][small]`,
    `[small]scale=${width}:${height},pad=${WIDE.width}:${WIDE.height}:${left}:${top}:gray,split[wide][looked]`,
    `[looked]scale=${LUMA.width}:${LUMA.height},format=gray[luma]`,
  ].join(';');
  const input = ['-y', '-loglevel', 'error', '-ss', String(PART.start), '-t', String(PART.seconds), '-i', clip ?? ''];
  await run(path, [
    ...input,
    ...['-filter_complex', filter],
    ...['-map', '[plain]', '-q:v', '3', join(folder, 'plain-%04d.jpg')],
    ...['-map', '[wide]', '-q:v', '3', join(folder, 'wide-%04d.jpg')],
    ...['-map', '[luma]', '-f', 'rawvideo', join(folder, 'luma.raw')],
  ]);
}

async function serveYolox() {
  const directory = await modelFolder();
  const store = openStore(directory);
  const { manifest } = await buildCoco({ store, signal: new AbortController().signal });
  const bytes = await readFile(model ?? '');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await store.install(
    {
      ...manifest,
      name: 'yolox/1',
      sha256,
      bytes: bytes.length,
      decoder: 'yolox',
      input: { width: 416, height: 416, layout: 'nchw', type: 'float32', colour: 'bgr', fit: 'letterbox', pad: 114 },
    },
    model ?? '',
  );
  const server = await serverForTest({ directory, config: { models: ['yolox/1'] } });
  return { url: server.url, pid: await server.nextWorker() };
}

/** Where people are in the wide picture. */
async function openTruth(url: string, folder: string): Promise<(index: number) => Promise<Box[]>> {
  const client = openInferenceClient(inferenceConfig.parse({ url, confidence: 0.5 }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  return async (index) => {
    const jpeg = await readFile(join(folder, name('plain', index)));
    const { signal } = new AbortController();
    const verdict = await client.infer({ jpeg }, { model: 'yolox/1', deadline: performance.now() + 10_000, signal });
    if (verdict.verdict !== 'ok') throw new Error(verdict.message);
    return verdict.detections
      .filter(({ label }) => label === 'person')
      .map(
        ({ box: [x, y, w, h] }): Box => [
          (PLACE.left + x * PLACE.width) / WIDE.width,
          (PLACE.top + y * PLACE.height) / WIDE.height,
          (w * PLACE.width) / WIDE.width,
          (h * PLACE.height) / WIDE.height,
        ],
      );
  };
}

async function openWay(url: string, crop: 'auto' | 'off') {
  const inference = new CurrentInference(inferenceConfig.parse({ url, model: 'yolox/1', crop }), openInferenceClient);
  onTestFinished(() => inference[Symbol.asyncDispose]());
  const stats = new CameraStats();
  const sums = { found: 0, wrong: 0, gatewayCpuMs: 0, serviceCpuMs: 0 };
  const isPerson = ({ label, score }: Detection) => label === 'person' && score >= 0.5;
  return {
    crop,
    figures: () => {
      const [cost] = Object.values(stats.snapshot().cost);
      return {
        ...sums,
        gatewayCpuMs: Math.round(sums.gatewayCpuMs),
        serviceCpuMs: Math.round(sums.serviceCpuMs),
        kilobytes: Math.round((cost?.bytes ?? 0) / 1024),
      };
    },
    async look(jpeg: Buffer, motion: readonly Box[], people: readonly Box[], workerPid: number) {
      const moment = { at: performance.now(), time: Date.now() };
      const workerSeconds = () => cpuOf([workerPid])?.total ?? 0;
      const [own, service] = [process.cpuUsage(), workerSeconds()];
      const frame = {
        ...moment,
        reason: 'interval',
        cause: 'motion',
        deadline: moment.at + 10_000,
        motion,
        settlement: stats.ledger.triggered(),
        decode: async () => ({ ...moment, jpeg }),
      } as const;
      const { verdict } = await ask(frame, inference, stats, new AbortController().signal);
      const { user, system } = process.cpuUsage(own);
      sums.gatewayCpuMs += (user + system) / 1000;
      sums.serviceCpuMs += (workerSeconds() - service) * 1000;
      if (verdict.verdict !== 'ok') throw new Error(verdict.message);
      const seen = verdict.detections.filter(isPerson);
      const isSeen = (box: Box) => seen.some((detection) => iou(detection.box, box) >= 0.4);
      sums.found += people.filter(isSeen).length;
      sums.wrong += seen.filter(({ box }) => !people.some((person) => iou(person, box) >= 0.4)).length;
    },
  };
}
