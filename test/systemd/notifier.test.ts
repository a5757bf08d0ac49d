import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNotifier } from '../../src/telemetry/systemd.ts';
import { newFolder } from '../helpers/framegate.ts';
import { until } from '../helpers/until.ts';

/** A `systemd-notify` that writes down what it is called with. */
function recorder() {
  const folder = newFolder();
  const log = join(folder, 'log');
  const program = join(folder, 'systemd-notify');
  writeFileSync(log, '');
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${log}\n`);
  chmodSync(program, 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}`, NOTIFY_SOCKET: join(folder, 'socket') };
  return { env, lines: () => readFileSync(log, 'utf8').trimEnd().split('\n').filter(Boolean) };
}

describe('the notifier', () => {
  it('does nothing outside of systemd, and its watchdog waits for the end', async () => {
    const { env, lines } = recorder();
    const notifier = createNotifier({ PATH: env.PATH, WATCHDOG_USEC: '20000' });
    await notifier.ready('up');
    const controller = new AbortController();
    let ended = false;
    const watchdog = notifier.watchdog(controller.signal).then(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect({ ended, lines: lines() }).toEqual({ ended: false, lines: [] });
    controller.abort();
    await watchdog;
  });

  it('sends what happens, in the order in which it happens', async () => {
    const { env, lines } = recorder();
    const notifier = createNotifier(env);
    await Promise.all([
      notifier.ready('3 cameras'),
      notifier.reloading(),
      notifier.ready('4 cameras'),
      notifier.stopping(),
    ]);
    expect(lines()).toEqual(['READY=1 STATUS=3 cameras', 'RELOADING=1', 'READY=1 STATUS=4 cameras', 'STOPPING=1']);
  });

  it('pings the watchdog as long as all is well, and only then', async () => {
    const { env, lines } = recorder();
    const notifier = createNotifier({ ...env, WATCHDOG_USEC: '40000' });
    const controller = new AbortController();
    let healthy = true;
    const watchdog = notifier.watchdog(controller.signal, () => healthy);
    await until(() => lines().length >= 3, 'three pings');
    healthy = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const count = lines().length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines()).toHaveLength(count);
    expect(new Set(lines())).toEqual(new Set(['WATCHDOG=1']));
    controller.abort();
    await watchdog;
  });

  it('leaves a watchdog alone that is meant for another process', async () => {
    const { env, lines } = recorder();
    const notifier = createNotifier({ ...env, WATCHDOG_USEC: '20000', WATCHDOG_PID: String(process.pid + 1) });
    await notifier.watchdog(AbortSignal.timeout(100));
    expect(lines()).toEqual([]);
  });

  it('goes on when the program is missing or fails, and says so', async () => {
    const { env } = recorder();
    const failures: unknown[] = [];
    await createNotifier({ ...env, PATH: '/nonexistent' }, (error) => failures.push(error)).ready('up');
    expect(failures).toHaveLength(1);
  });
});
