/**
 * The decoding children of this process.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Process ids, oldest first; `size`: only those that make frames of this shape. */
export function decoders(size?: string): number[] {
  return children().filter((pid) => {
    const command = readProc(pid, 'cmdline') ?? '';
    return command.includes('select=') && (size === undefined || command.includes(`scale=${size.replace('x', ':')}:`));
  });
}

/** Of these, the ones that are fed at least `bytes` within `ms`. */
export async function fedDecoders(pids: readonly number[], bytes: number, ms: number): Promise<number[]> {
  const before = new Map(pids.map((pid) => [pid, bytesRead(pid)]));
  await new Promise((resolve) => setTimeout(resolve, ms));
  return pids.filter((pid) => bytesRead(pid) - (before.get(pid) ?? 0) >= bytes);
}

/** All children of this process that are no zombies. */
export function children(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const stat = readProc(pid, 'stat') ?? '';
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(parent) === process.pid && state !== 'Z';
    })
    .sort((a, b) => a - b);
}

function bytesRead(pid: number): number {
  return Number(/rchar: (\d+)/.exec(readProc(pid, 'io') ?? '')?.[1] ?? 0);
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined; // gone meanwhile
  }
}
