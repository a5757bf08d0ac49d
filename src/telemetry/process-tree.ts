import { readFileSync } from 'node:fs';

/** What this process and its children take. */
export interface ProcessTreeSnapshot {
  /** This one and its children: the ffmpeg processes that receive and decode. */
  readonly processes: number;
  /** Proportional set size of all of them in bytes: what they share counts once. */
  readonly memoryBytes: number;
}

/** Adding up the pages of a process takes the kernel some milliseconds. */
const MAX_AGE_MS = 5000;

/**
 * Measures this process and its children by Linux' /proc: `task/<pid>/children` and `smaps_rollup`, see proc(5). Undefined where there is
 * none. What is told is up to five seconds old.
 */
export function createProcessTree(): () => ProcessTreeSnapshot | undefined {
  let measuredAt = Number.NEGATIVE_INFINITY;
  let snapshot: ProcessTreeSnapshot | undefined;
  return () => {
    if (performance.now() - measuredAt > MAX_AGE_MS) {
      measuredAt = performance.now();
      snapshot = measure();
    }
    return snapshot;
  };
}

function measure(): ProcessTreeSnapshot | undefined {
  // Node starts children from its first thread.
  const children = read(`/proc/self/task/${process.pid}/children`);
  const own = proportionalBytes(process.pid);
  if (children === undefined || own === undefined) return undefined;
  const sizes = children.split(' ').flatMap((pid) => (pid === '' ? [] : [proportionalBytes(Number(pid))]));
  const running = sizes.filter((size) => size !== undefined);
  return { processes: 1 + running.length, memoryBytes: running.reduce((sum, size) => sum + size, own) };
}

/** Undefined when the process is gone. */
function proportionalBytes(pid: number): number | undefined {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return undefined;
  }
}
