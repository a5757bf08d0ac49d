/**
 * What crops are worth, measured: recorded people in a view so wide that they are small in it, by day and by night; the decoder, the motion detector
 * and the model are the real ones, and the service is a process of its own. Truth is what the model sees in the recording as it is.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../../src/ask.ts';
import { CameraStats } from '../../src/camera-stats.ts';
import { createFfmpegFinder } from '../../src/ffmpeg/build.ts';
import { inferenceConfig } from '../../src/inference/config.ts';
import { areaToShow } from '../../src/inference/crop.ts';
import { CurrentInference } from '../../src/inference/current-inference.ts';
import { openInferenceClient } from '../../src/inference/http-client.ts';
import { type Box, iou } from '../../src/lib/box.ts';
import { buildCoco } from '../../src/models/build-coco.ts';
import { openStore } from '../../src/models/store.ts';
import { motionConfig } from '../../src/motion/config.ts';
import { createMotionDetector } from '../../src/motion/detector.ts';
import { createRecentMotion } from '../../src/motion/recent-motion.ts';
import { type DecodedFrame, type DecodedPicture, Decoder } from '../../src/source/decode/decoder.ts';
import { cpuOf } from '../bench/measure/process-tree.ts';
import { freePort, startFramegate } from '../helpers/processes.ts';
import { testData } from '../helpers/test-data.ts';
import { filmWideView, type Light, type WideView } from './wide-view.ts';

const model = testData('yolox_nano.onnx');
const alone = testData('one-by-one-person-detection.mp4');
const surroundings = testData('car-detection.mp4');
const vtest = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';

/** More looks than the sampler would take: there is more to count. */
const EVERY = 2;
const LUMA = { width: 320, height: 180 };
const CONFIDENCE = 0.4;

const scenes = [
  { what: 'one person at a time', clip: alone, start: 70, seconds: 24, width: 320, height: 180 },
  {
    what: 'people on a square',
    clip: existsSync(vtest) ? vtest : undefined,
    start: 0,
    seconds: 20,
    width: 960,
    height: 720,
  },
].flatMap((scene) => (['day', 'night'] as const).map((light: Light) => ({ ...scene, light })));

test.for(scenes)(
  'a square around what moves shows small people whom the whole picture hides: $what, by $light',
  {
    timeout: 240_000,
  },
  async ({ clip, what, ...scene }, { skip }) => {
    if (!model || !surroundings || !clip) return skip('a clip or the model is not here');
    const folder = await mkdtemp(join(tmpdir(), 'framegate-small-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const view = await filmWideView(folder, { ...scene, clip, surroundings });
    const service = await serveYolox(folder);
    const truth = await openTruth(service.url, view);
    const people = new Map<number, Box[]>();
    for (let index = 0; index < view.units.length; index += EVERY) people.set(index, await truth(index));

    const parts = { view, service, people };
    // Once for nothing, so that nothing is loaded or compiled while it is counted.
    for (const way of ['off', 'auto'] as const) await watch({ ...parts, way });
    const rows = [];
    for (const way of ['nothing is sent', 'off', 'auto'] as const) rows.push(await watch({ ...parts, way }));
    console.log(`${what}, by ${scene.light}: ${view.units.length} frames`);
    console.table(rows);
    const [, before, after] = rows as [Row, Row, Row];
    expect(after.people).toBeGreaterThanOrEqual(4);
    expect(after.found).toBeGreaterThanOrEqual(before.found);
    expect(after.wrong).toBeLessThanOrEqual(before.wrong + 1);
    expect(after.kilobytes).toBeLessThan(before.kilobytes);
    if (scene.light === 'day') expect(after.found).toBeGreaterThan(before.found + after.people / 5);
  },
);

interface Row {
  readonly crop: string;
  readonly looks: number;
  readonly people: number;
  readonly found: number;
  readonly wrong: number;
  readonly kilobytes: number;
  readonly cpuMs: number;
  readonly decoderMs: number;
  readonly gatewayMs: number;
  readonly serviceMs: number;
}

interface WatchParts {
  readonly view: WideView;
  readonly service: { readonly url: string; readonly pid: number };
  readonly people: ReadonlyMap<number, readonly Box[]>;
  readonly way: 'off' | 'auto' | 'nothing is sent';
}

/** Looks through the whole clip as the pipeline does, and adds up what it finds and what that costs in each process. */
async function watch({ view, service, people, way }: WatchParts): Promise<Row> {
  const crop = way === 'auto' ? 'auto' : 'off';
  const config = inferenceConfig.parse({ url: service.url, model: 'yolox/1', crop, confidence: CONFIDENCE });
  await using inference = new CurrentInference(config, openInferenceClient);
  await using decoder = await Decoder.start(await createFfmpegFinder()(), LUMA);
  const stats = new CameraStats();
  const detect = createMotionDetector(motionConfig.parse({}));
  const recent = createRecentMotion();
  const sums = { looks: 0, people: 0, found: 0, wrong: 0 };
  const decode = decodeWith(decoder);
  let moves = false;
  // The first access unit is for the child to start.
  await decode(view.units[0]!, { frame: true, picture: true });
  const before = cpu(service.pid);
  for (const [index, unit] of view.units.entries()) {
    const isDue = index % EVERY === 0 && moves && way !== 'nothing is sent';
    const area = crop === 'auto' ? areaToShow(LUMA, recent.regions(unit.at)) : undefined;
    const { frame, picture } = await decode(unit, { frame: true, picture: isDue, area });
    const motion = detect(frame);
    recent.push(motion.regions, frame.at);
    moves = motion.state === 'moving';
    if (!picture) continue;
    const moment = { at: performance.now(), time: Date.now() };
    const { verdict } = await ask(
      {
        ...moment,
        reason: 'interval',
        cause: 'motion',
        deadline: moment.at + 10_000,
        motion: recent.regions(frame.at),
        area: areaToShow(LUMA, recent.regions(frame.at)),
        settlement: stats.ledger.triggered(),
        decode: async () => ({ ...moment, ...picture }),
      },
      inference,
      stats,
      new AbortController().signal,
    );
    if (verdict.verdict !== 'ok') throw new Error(verdict.message);
    const there = people.get(index) ?? [];
    const seen = verdict.detections.filter(({ label }) => label === 'person').map(({ box }) => box);
    const matches = (a: Box) => (b: Box) => iou(a, b) >= 0.4;
    sums.looks += 1;
    sums.people += there.length;
    sums.found += there.filter((box) => seen.some(matches(box))).length;
    sums.wrong += seen.filter((box) => !there.some(matches(box))).length;
  }
  const after = cpu(service.pid);
  const [decoderMs, gatewayMs, serviceMs] = after.map((ms, index) => Math.round(ms - before[index]!)) as [
    number,
    number,
    number,
  ];
  const [cost] = Object.values(stats.snapshot().cost);
  const kilobytes = Math.round((cost?.bytes ?? 0) / 1024);
  return { crop: way, ...sums, kilobytes, cpuMs: decoderMs + gatewayMs + serviceMs, decoderMs, gatewayMs, serviceMs };
}

function decodeWith(decoder: Decoder) {
  return async (unit: Parameters<Decoder['write']>[0], wanted: Parameters<Decoder['write']>[1]) => {
    const [frame, picture] = await new Promise<[DecodedFrame, DecodedPicture | undefined]>((resolve, reject) => {
      let [frame, picture]: [DecodedFrame | undefined, DecodedPicture | undefined] = [undefined, undefined];
      const give = () => frame && (picture || !wanted.picture) && resolve([frame, picture]);
      decoder.serve({
        frame: (decoded) => {
          frame = decoded;
          give();
        },
        picture: (_, decoded) => {
          picture = decoded;
          give();
        },
        ended: reject,
      });
      decoder.write(unit, wanted);
    });
    return { frame, picture };
  };
}

/** CPU ms so far of the decoder, of this process, and of the service. */
function cpu(service: number): readonly number[] {
  const decoders = [...(cpuOf([process.pid])?.processes.values() ?? [])].filter(({ name }) => name === 'ffmpeg');
  const { user, system } = process.cpuUsage();
  return [
    decoders.reduce((sum, { seconds }) => sum + seconds * 1000, 0),
    (user + system) / 1000,
    (cpuOf([service])?.total ?? 0) * 1000,
  ];
}

async function serveYolox(folder: string) {
  const data = join(folder, 'data');
  const store = openStore(join(data, 'models'));
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
  const port = await freePort();
  const { child, line } = startFramegate(['serve', '--port', String(port)], { FRAMEGATE_DATA_DIR: data });
  await line(/ready for pictures/, 60_000);
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
}

/** Where people are in the wide picture. */
async function openTruth(url: string, view: WideView): Promise<(index: number) => Promise<Box[]>> {
  const client = openInferenceClient(inferenceConfig.parse({ url, confidence: 0.5, crop: 'off' }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  return async (index) => {
    const jpeg = await readFile(view.plain(index));
    const { signal } = new AbortController();
    const verdict = await client.infer({ jpeg }, { model: 'yolox/1', deadline: performance.now() + 20_000, signal });
    if (verdict.verdict !== 'ok') throw new Error(verdict.message);
    return verdict.detections.filter(({ label }) => label === 'person').map(({ box }) => view.inWide(box));
  };
}
