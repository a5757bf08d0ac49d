/**
 * Tells systemd how the process is, see sd_notify(3). Node has no unix datagram sockets, so each message is a short run of `systemd-notify`;
 * the unit therefore needs `NotifyAccess=all`.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { aborted, sleep } from '../lib/abort.ts';
import { Serial } from '../lib/serial.ts';

/** None of these throws: a service that cannot report goes on working. They do nothing where there is no `NOTIFY_SOCKET`. */
export interface Notifier {
  /** The service is up; also ends `reloading`. `status` is the line that `systemctl status` shows. */
  ready(status: string): Promise<void>;
  reloading(): Promise<void>;
  stopping(): Promise<void>;
  status(text: string): Promise<void>;
  /**
   * Pings the watchdog at half of its interval, as long as `isHealthy` says so. Resolves when `signal` aborts.
   * That the timer fires is itself half of the proof: a blocked event loop does not ping.
   */
  watchdog(signal: AbortSignal, isHealthy?: () => boolean): Promise<void>;
}

const run = promisify(execFile);
/** The program waits until systemd has read the message, which takes milliseconds. */
const DEADLINE_MS = 5000;

/** `onFailure` is told why a message did not arrive. */
export function createNotifier(
  env: NodeJS.ProcessEnv,
  onFailure: (error: unknown) => void = () => undefined,
): Notifier {
  const isService = Boolean(env['NOTIFY_SOCKET']);
  const intervalMs = watchdogIntervalMs(env);
  // In order: `READY=1` must not overtake `RELOADING=1`.
  const serial = new Serial(onFailure);
  const send = (...assignments: string[]): Promise<void> => {
    if (!isService) return Promise.resolve();
    return serial.run(async () => {
      await run('systemd-notify', assignments, { env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
    });
  };
  return {
    ready: (status) => send('READY=1', `STATUS=${status}`),
    reloading: () => send('RELOADING=1'),
    stopping: () => send('STOPPING=1'),
    status: (text) => send(`STATUS=${text}`),
    watchdog: async (signal, isHealthy = () => true) => {
      if (!isService || intervalMs === undefined) return aborted(signal);
      while (!signal.aborted) {
        if (isHealthy()) await send('WATCHDOG=1');
        await sleep(intervalMs / 2, signal);
      }
    },
  };
}

/** Undefined without a watchdog, and where the one announced is for another process. */
function watchdogIntervalMs(env: NodeJS.ProcessEnv): number | undefined {
  const micros = Number(env['WATCHDOG_USEC']);
  const pid = env['WATCHDOG_PID'];
  return micros > 0 && (!pid || Number(pid) === process.pid) ? micros / 1000 : undefined;
}
