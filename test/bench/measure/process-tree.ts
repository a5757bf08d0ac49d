/**
 * What a process and all its descendants cost, read from /proc (Linux).
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: USER_HZ is 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** The processes `roots`, those of them that are still there, and their descendants. */
function tree(roots: readonly number[]): Stat[] {
  const all = processes();
  const found = all.filter(({ pid }) => roots.includes(pid));
  for (let index = 0; index < found.length; index += 1) {
    found.push(...all.filter(({ parent }) => parent === found[index]?.pid));
  }
  return found;
}

function processes(): Stat[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    const text = Number.isInteger(pid) ? read(`/proc/${pid}/stat`) : undefined;
    if (text === undefined) return [];
    // The name, in parentheses, may have spaces and parentheses in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // utime and stime, and with them what its children used that it has reaped: cutime and cstime.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid, parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND }];
  });
}

/** User and system CPU seconds of these trees so far, of children that ended too; undefined when a root is gone. */
export function cpuSecondsOf(roots: readonly number[]): number | undefined {
  const members = tree(roots);
  if (roots.some((root) => members.every(({ pid }) => pid !== root))) return undefined;
  return members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

export interface Memory {
  readonly processes: number;
  /** Proportional set size: pages that processes share are divided among them. */
  readonly pssBytes: number;
}

export function memoryOf(roots: readonly number[]): Memory {
  const members = tree(roots);
  const pss = members.map(({ pid }) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0),
  );
  return { processes: members.length, pssBytes: pss.reduce((sum, kilobytes) => sum + kilobytes * 1024, 0) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it ended meanwhile
  }
}
