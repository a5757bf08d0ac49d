/**
 * What a process and all its descendants cost, read from /proc (Linux).
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: USER_HZ is 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Its own. */
  readonly cpuSeconds: number;
  /** Of children that ended, and theirs. */
  readonly endedSeconds: number;
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
    const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
    const fields = text.slice(close + 2).split(' ');
    const seconds = (from: number) => (Number(fields[from]) + Number(fields[from + 1])) / TICKS_PER_SECOND;
    const name = text.slice(open + 1, close);
    return [{ pid, parent: Number(fields[1]), name, cpuSeconds: seconds(11), endedSeconds: seconds(13) }];
  });
}

/** User and system CPU seconds so far. */
export interface Cpu {
  readonly total: number;
  readonly processes: ReadonlyMap<number, { readonly name: string; readonly seconds: number }>;
  /** Of all processes that are gone. */
  readonly ended: number;
}

/** What these trees used so far, children that ended included; undefined when a root is gone. */
export function cpuOf(roots: readonly number[]): Cpu | undefined {
  const members = tree(roots);
  if (roots.some((root) => members.every(({ pid }) => pid !== root))) return undefined;
  const ended = members.reduce((sum, { endedSeconds }) => sum + endedSeconds, 0);
  const own = members.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const processes = new Map(members.map(({ pid, name, cpuSeconds }) => [pid, { name, seconds: cpuSeconds }]));
  return { total: own + ended, processes, ended };
}

/**
 * What was used between two looks, by program: that of processes there at both looks under the name of the program; that of all others,
 * which came or went meanwhile, as `short-lived`.
 */
export function spentBetween(before: Cpu, after: Cpu): Record<string, number> {
  let lasting = 0;
  const spent: Record<string, number> = {};
  for (const [pid, { name, seconds }] of after.processes) {
    const earlier = before.processes.get(pid);
    if (!earlier) continue;
    spent[name] = (spent[name] ?? 0) + seconds - earlier.seconds;
    lasting += seconds - earlier.seconds;
  }
  return { ...spent, 'short-lived': Math.max(0, after.total - before.total - lasting) };
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
