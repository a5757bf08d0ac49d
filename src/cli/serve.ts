import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from './cli.ts';
import { type ConfigOption, openServeConfig, withConfigOption } from './config-option.ts';

interface Options extends ConfigOption {
  readonly host?: string;
  readonly port?: number;
}

export function addServe(program: Command, cli: Cli): void {
  withConfigOption(program.command('serve').description('run the inference microservice'))
    .option('--host <host>', 'address to listen on')
    .option('--port <port>', 'port to listen on', parsePort)
    .action((options: Options) => serve(cli, options));
}

async function serve(cli: Cli, options: Options): Promise<void> {
  const loaded = await openServeConfig(cli, options);
  const { defaultServeConfig } = await import('../config/load.ts');
  const { dataDir } = await import('../lib/data-dir.ts');
  const { runServe } = await import('../server/run-serve.ts');
  const { createLogger } = await import('../telemetry/logger.ts');
  const { createNotifier } = await import('../telemetry/systemd.ts');
  const { together } = await import('../lib/together.ts');
  const config = loaded?.config ?? defaultServeConfig();
  const logger = createLogger(config.log);
  const notifier = createNotifier(cli.env, () => cli.say('systemd could not be notified'));
  const { host, port } = options;
  const address = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  const onListening = (url: string) => void notifier.ready(url);
  await together(
    cli.signal,
    (signal) =>
      runServe({ config: config.serve, dataDir: dataDir(config.dataDir), ...address, logger, onListening }, signal),
    (signal) => notifier.watchdog(signal),
  );
  await notifier.stopping();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('expected a number from 0 to 65535');
}
