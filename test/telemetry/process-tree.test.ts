import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { createProcessTree } from '../../src/telemetry/process-tree.ts';

test.runIf(process.platform === 'linux')(
  'children count as processes and with their memory, until they are gone',
  async () => {
    const alone = createProcessTree()();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    // It has to load before it has memory of its own.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const both = createProcessTree()();
    expect(both?.processes).toBe((alone?.processes ?? 0) + 1);
    expect(both?.memoryBytes).toBeGreaterThan((alone?.memoryBytes ?? 0) + 2 ** 20);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(createProcessTree()()?.processes).toBe(alone?.processes);
  },
);

test('it is measured at most every five seconds', () => {
  const tree = createProcessTree();
  expect(tree()).toBe(tree());
});
