import { join } from 'node:path';
import { openStore } from '../models/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ServeConfig } from './config.ts';
import { openServer } from './server.ts';

export interface RunServeOptions {
  readonly config: ServeConfig;
  /** The models are in its folder `models`. */
  readonly dataDir: string;
  /** Instead of the host of the config. */
  readonly host?: string;
  /** Instead of the port of the config. */
  readonly port?: number;
  readonly logger: Logger;
  /** Told the URL once the port is bound. */
  readonly onListening?: (url: string) => void;
}

/** `framegate serve`: runs until `signal` aborts. Throws ERR_PORT_IN_USE or ERR_CONFIG_INVALID when it cannot start. */
export async function runServe(
  { config, dataDir, host, port, logger, onListening }: RunServeOptions,
  signal: AbortSignal,
): Promise<void> {
  const store = openStore(join(dataDir, 'models'));
  const address = { host: host ?? config.host, port: port ?? config.port };
  await using server = await openServer({ config: { ...config, ...address }, store, logger });
  onListening?.(server.url);
  await server.run(signal);
}
