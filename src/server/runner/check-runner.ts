/**
 * Whether a program keeps to the runner protocol: started, asked and stopped as the server would, once.
 */
import { LinkedAbort } from '../../lib/abort.ts';
import { describeError, FramegateError, isFramegateError } from '../../lib/errors.ts';
import { together } from '../../lib/together.ts';
import type { InstalledModel } from '../../models/installed.ts';
import { RUNNER_DEADLINES } from './exec-runner.ts';
import type { RunnerBox, RunnerReady } from './messages.ts';
import { RunnerProcess } from './runner-process.ts';

const FRAMES = 20;
/** Rounding, and boxes that reach over the border. */
const SLACK = 0.5;

export interface RunnerCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Ends with the first check that leaves nothing to go on with. */
export async function checkRunner(
  command: readonly string[],
  model: InstalledModel,
  signal: AbortSignal,
): Promise<readonly RunnerCheck[]> {
  const checks: RunnerCheck[] = [];
  const life = new RunnerProcess(command, model, RUNNER_DEADLINES);
  const check = async (name: string, run: () => Promise<string>) => {
    try {
      checks.push({ name, ok: true, message: await run() });
    } catch (error) {
      checks.push({ name, ok: false, message: describeError(error) });
    }
  };
  using link = new LinkedAbort(signal);
  const startedAt = performance.now();
  let ready: (value: RunnerReady) => void = () => undefined;
  const isReady = new Promise<RunnerReady>((resolve) => {
    ready = resolve;
  });
  const talk = async () => {
    const about = await isReady;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    checks.push({ name: 'starts', ok: true, message: `${about.runner}, ready after ${seconds} s` });
    await askAll(life, model, about, check);
    link.abort();
  };
  try {
    // The talk may wait for a runner that never comes: then the life ends first.
    await together(
      link.signal,
      async (lifeSignal) => life.run(lifeSignal, ready).finally(() => link.abort()),
      async (other) => {
        await Promise.race([
          talk(),
          new Promise<void>((resolve) => other.addEventListener('abort', () => resolve(), { once: true })),
        ]);
      },
    );
  } catch (error) {
    // Without the hint, which is to run this very check.
    const message = isFramegateError(error) ? error.message : describeError(error);
    checks.push({ name: checks.length === 0 ? 'starts' : 'stays', ok: false, message });
    return checks;
  }
  const ok = !life.hadToBeKilled;
  checks.push({ name: 'ends', ok, message: ok ? 'when asked to' : 'only when it is killed' });
  return checks;
}

async function askAll(
  life: RunnerProcess,
  model: InstalledModel,
  { labels = model.manifest.labels, concurrency }: RunnerReady,
  check: (name: string, run: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const { width, height, type } = model.manifest.input;
  const bytes = 3 * width * height * (type === 'float32' ? 4 : 1);
  const black = new Uint8Array(bytes);
  const noise = Uint8Array.from({ length: bytes }, (_, i) => (type === 'float32' ? 0 : (i * 7919) % 256));
  await check('labels', async () => `${labels.length}, such as ${labels[0]}`);
  await check('boxes', async () => {
    const found = [...(await life.detect(black)), ...(await life.detect(noise))];
    for (const box of found) checkBox(box, labels.length);
    return `${found.length} in a black frame and one of noise`;
  });
  await check('frames that are too short', async () => {
    try {
      await life.detect(black.subarray(0, bytes / 2));
    } catch (error) {
      if (isFramegateError(error, 'ERR_IMAGE_INVALID')) return 'are refused';
      throw error;
    }
    throw new FramegateError('ERR_WORKER_FAILED', 'a frame of half the size was answered with boxes', {
      hint: 'answer it with {"type": "error", "id": ..., "message": ...}',
    });
  });
  await check('speed', async () => {
    const startedAt = performance.now();
    const ask = async () => {
      for (let i = 0; i < FRAMES / concurrency; i += 1) await life.detect(noise);
    };
    await Promise.all(Array.from({ length: concurrency }, ask));
    const ms = (performance.now() - startedAt) / FRAMES;
    return `${ms.toFixed(1)} ms per frame, ${concurrency} at once`;
  });
  await check('health', async () => {
    await life.checkHealth();
    return 'is well';
  });
}

function checkBox([x1, y1, x2, y2, score, classId]: RunnerBox, classes: number): void {
  const isInside = [x1, y1, x2, y2].every((value) => value > -SLACK && value < 1 + SLACK);
  if (isInside && x2 >= x1 && y2 >= y1 && score >= 0 && score <= 1 && classId < classes) return;
  throw new FramegateError('ERR_WORKER_FAILED', `box [${[x1, y1, x2, y2, score, classId].join(', ')}] makes no sense`, {
    hint: `expected corners in fractions of the frame, score 0..1, class below ${classes}`,
  });
}
