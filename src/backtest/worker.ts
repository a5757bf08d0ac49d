/**
 * The process that replays one clip: a clip that brings it down brings nothing else down, and its CPU time is its own.
 */
import { type ClipJob, replayClip } from './replay.ts';
import { failureOf, type WorkerMessage } from './worker-protocol.ts';

/** Often enough for people. */
const PROGRESS_MS = 200;

function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, () => resolve());
    else resolve();
  });
}

async function work(job: ClipJob): Promise<void> {
  const stop = new AbortController();
  // Nobody waits for it any more.
  process.once('disconnect', () => stop.abort());
  let toldAt = 0;
  const onProgress = (done: number, all: number | undefined) => {
    if (performance.now() - toldAt < PROGRESS_MS) return;
    toldAt = performance.now();
    void tell({ kind: 'progress', done, all });
  };
  try {
    await tell({ kind: 'outcome', outcome: await replayClip(job, onProgress, stop.signal) });
  } catch (error) {
    await tell(failureOf(error));
  }
  if (process.connected) process.disconnect();
}

process.once('message', (job) => void work(job as ClipJob));
