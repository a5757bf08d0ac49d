import { fork } from 'node:child_process';
import { FramegateError } from '../lib/errors.ts';
import type { ClipOutcome } from './detail.ts';
import type { ClipJob, OnClipProgress } from './replay.ts';
import { errorOf, type WorkerMessage } from './worker-protocol.ts';

const WORKER = new URL('./worker.js', import.meta.url);
/** In characters: enough for the message of a native library. */
const LAST_WORDS = 2000;

/** Replays a clip in a process of its own. Throws what the replay throws, and ERR_WORKER_FAILED when the process dies. */
export async function replayInProcess(
  job: ClipJob,
  onProgress: OnClipProgress,
  signal: AbortSignal,
): Promise<ClipOutcome> {
  signal.throwIfAborted();
  const child = fork(WORKER, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  const stop = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<ClipOutcome>((resolve, reject) => {
      child.on('message', (message: WorkerMessage) => {
        if (message.kind === 'progress') onProgress(message.done, message.all);
        else if (message.kind === 'outcome') resolve(message.outcome);
        else reject(errorOf(message));
      });
      child.once('error', (error) => reject(died(job.file, error.message, words)));
      child.once('close', (code, name) => reject(died(job.file, name ?? `exit code ${code}`, words)));
      // A channel that is already broken ends the process, which is told above.
      child.send(job, () => undefined);
    });
  } finally {
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
  }
}

function died(file: string, how: string, words: string): FramegateError {
  const said = /^.*(?:Error|what\(\):|out of memory).*$/m.exec(words)?.[0].trim();
  return new FramegateError(
    'ERR_WORKER_FAILED',
    `${file}: its process ended (${how})${said ? `, saying "${said}"` : ''}`,
    {
      hint: 'see whether memory is short; if it comes again with this clip alone, the clip is at fault',
      retryable: false,
    },
  );
}
