import { readFileSync } from 'node:fs';

/** Fields of /proc/self/stat after the name of the program: user and system time of children that have ended, in ticks. */
const CHILDREN = [13, 14];
const TICKS_PER_SECOND = 100;

/** CPU time of this process and of its children that have ended; without the children where there is no /proc. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + childrenSeconds();
}

function childrenSeconds(): number {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return CHILDREN.reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) / TICKS_PER_SECOND;
  } catch {
    return 0; // another system than Linux
  }
}
