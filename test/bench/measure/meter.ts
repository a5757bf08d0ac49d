import { sleep } from '../../../src/lib/abort.ts';
import { type Cpu, cpuOf, memoryOf, spentBetween } from './process-tree.ts';

export interface Cost {
  /** Length of the window. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The same by program, with `short-lived` for processes that came or went within the window. */
  readonly byProgram: Readonly<Record<string, number>>;
  /** Largest of the samples. */
  readonly pssBytes: number;
  readonly processes: number;
  /** CPU as a share of one core, between one sample and the next; `at` in seconds from the start of the window. */
  readonly course: ReadonlyArray<{ readonly at: number; readonly cores: number }>;
}

export interface Window {
  readonly seconds: number;
  /** Seconds from sample to sample of CPU. */
  readonly every: number;
}

/** Memory is looked at this much more rarely than CPU: the kernel walks all pages for it. */
const MEMORY_EVERY_SECONDS = 10;

/**
 * Watches programs for a while; undefined for one that ended before the window did.
 * @param programs the processes that each of them was started as.
 */
export async function measure(
  programs: ReadonlyArray<readonly number[]>,
  { seconds, every }: Window,
  signal: AbortSignal,
): Promise<Array<Cost | undefined>> {
  const started = performance.now();
  const samples = programs.map((roots) => [sampleOf(roots)]);
  const memory = programs.map(() => ({ pssBytes: 0, processes: 0 }));
  let memoryDueAt = started;
  for (let due = started + every * 1000; due <= started + seconds * 1000 && !signal.aborted; due += every * 1000) {
    await sleep(due - performance.now(), signal);
    for (const [index, roots] of programs.entries()) samples[index]?.push(sampleOf(roots));
    if (due < memoryDueAt) continue;
    memoryDueAt = due + MEMORY_EVERY_SECONDS * 1000;
    for (const [index, roots] of programs.entries()) {
      const { pssBytes, processes } = memoryOf(roots);
      const most = memory[index]!;
      memory[index] = {
        pssBytes: Math.max(most.pssBytes, pssBytes),
        processes: Math.max(most.processes, processes),
      };
    }
  }
  return samples.map((series, index) => costOf(series, memory[index]!));
}

interface Sample {
  readonly at: number;
  readonly cpu: Cpu | undefined;
}

function sampleOf(roots: readonly number[]): Sample {
  return { at: performance.now(), cpu: cpuOf(roots) };
}

function costOf(series: readonly Sample[], memory: Pick<Cost, 'pssBytes' | 'processes'>): Cost | undefined {
  const [first, last] = [series[0], series.at(-1)];
  if (!first?.cpu || !last?.cpu) return undefined;
  const course = series.slice(1).map(({ at, cpu }, index) => {
    const before = series[index]!;
    const used = (cpu?.total ?? 0) - (before.cpu?.total ?? 0);
    return { at: (at - first.at) / 1000, cores: (used * 1000) / (at - before.at) };
  });
  return {
    seconds: (last.at - first.at) / 1000,
    cpuSeconds: last.cpu.total - first.cpu.total,
    byProgram: spentBetween(first.cpu, last.cpu),
    ...memory,
    course,
  };
}

/** CPU seconds per minute of stream, for each of `cameras`. */
export function perStreamMinute({ cpuSeconds, seconds }: Cost, cameras: number): number {
  return (cpuSeconds * 60) / seconds / cameras;
}
