import type { Command } from 'commander';
import { describeError, isFramegateError } from '../lib/errors.ts';
import { type Cli, EXIT } from './cli.ts';
import { type ConfigOption, openConfig, openServeConfig, withConfigOption } from './config-option.ts';
import { table } from './table.ts';

interface Options extends ConfigOption {
  readonly probe?: boolean;
  readonly serve?: boolean;
  readonly json?: boolean;
}

export function addValidate(program: Command, cli: Cli): void {
  withConfigOption(program.command('validate').description('check the config'))
    .option('--probe', 'also try the cameras, the inference service and the broker')
    .option('--serve', 'check only what framegate serve needs')
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      try {
        if (options.serve) await validateServe(cli, options);
        else await validate(cli, options);
      } catch (error) {
        if (options.json && isFramegateError(error)) {
          const problems = describeError(error).split('\n');
          cli.print(JSON.stringify({ valid: false, code: error.code, problems }, null, 2));
        }
        throw error;
      }
    });
}

async function validate(cli: Cli, options: Options): Promise<void> {
  const { file, config } = await openConfig(cli, options);
  const cameras = Object.keys(config.cameras);
  const summary = { valid: true, file, gateway: config.gateway.id, cameras };
  if (!options.json) cli.print(`${file} is valid: gateway ${config.gateway.id}, ${cameras.length} cameras`);
  if (!options.probe) {
    if (options.json) cli.print(JSON.stringify(summary, null, 2));
    return;
  }
  const { probeAll } = await import('./probes.ts');
  cli.draw('trying cameras, inference service and broker ...');
  const probes = await probeAll(config, cli.signal);
  cli.draw('');
  if (options.json) cli.print(JSON.stringify({ ...summary, probes }, null, 2));
  else cli.print(table(probes.map(({ name, ok, message }) => [ok ? 'ok' : 'FAILED', name, message])));
  if (probes.some(({ ok }) => !ok)) cli.fail(EXIT.failure);
}

async function validateServe(cli: Cli, options: Options): Promise<void> {
  const loaded = await openServeConfig(cli, options);
  const summary = { valid: true, file: loaded?.file };
  if (options.json) cli.print(JSON.stringify(summary, null, 2));
  else cli.print(loaded ? `${loaded.file} is valid for framegate serve` : 'no config file: the defaults are used');
}
