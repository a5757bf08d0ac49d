import { loadConfig } from './config/load.ts';
import { watchFile } from './config/watch.ts';
import { Gateway } from './gateway.ts';
import { aborted, LinkedAbort } from './lib/abort.ts';
import { describeError } from './lib/errors.ts';
import { Serial } from './lib/serial.ts';
import { together } from './lib/together.ts';
import { packageVersion } from './lib/version.ts';
import { createLogger } from './telemetry/logger.ts';
import type { Notifier } from './telemetry/systemd.ts';

export interface GatewayOptions {
  readonly configFile: string;
  readonly notifier: Notifier;
  /** Calls `listener` whenever the user asks for a reload (SIGHUP). */
  readonly onHangup: (listener: () => void) => void;
}

/**
 * `framegate run`: runs until `signal` aborts, then stops sources first and sinks last. Throws ERR_CONFIG_* or ERR_SECRET_MISSING when the
 * first config cannot be used, and what crashed when a part fails in a way that nobody foresaw.
 */
export async function runGateway(
  { configFile, notifier, onHangup }: GatewayOptions,
  signal: AbortSignal,
): Promise<void> {
  const { config, secrets } = await loadConfig(configFile);
  const known = new Set(secrets);
  const logger = createLogger(config.log, () => [...known]);
  using running = new LinkedAbort(signal);
  let crash: { readonly error: unknown } | undefined;
  await using gateway = new Gateway(config, logger, (error) => {
    crash ??= { error };
    running.abort();
  });
  const cameras = Object.keys(config.cameras);
  await gateway.apply(config);
  logger.info({ version: packageVersion(), gateway: config.gateway.id, cameras }, 'gateway started');
  await notifier.ready(`${cameras.length} cameras`);

  const reloads = new Serial((error) => {
    logger.error({ reason: describeError(error) }, 'the config was not reloaded, the gateway goes on with the old one');
  });
  const reload = () =>
    reloads.run(async () => {
      await notifier.reloading();
      try {
        const loaded = await loadConfig(configFile);
        // Old ones stay secret: what still runs may know them.
        for (const secret of loaded.secrets) known.add(secret);
        const { started, restarted, stopped } = await gateway.apply(loaded.config);
        logger.info({ started, restarted, stopped }, 'config reloaded');
        await notifier.ready(`${Object.keys(loaded.config.cameras).length} cameras`);
      } catch (error) {
        await notifier.ready('runs on the old config, the new one was refused');
        throw error;
      }
    });
  onHangup(() => void reload());
  await together(
    running.signal,
    (ended) => watchFile(configFile, reload, ended),
    (ended) => notifier.watchdog(ended),
    aborted,
  );
  await notifier.stopping();
  await reloads.idle();
  if (crash) throw crash.error;
}
