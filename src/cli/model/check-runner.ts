import type { Command } from 'commander';
import { FramegateError } from '../../lib/errors.ts';
import type { InstalledModel } from '../../models/installed.ts';
import { type Cli, EXIT } from '../cli.ts';
import { type ConfigOption, openServeConfig, withConfigOption } from '../config-option.ts';
import { table } from '../table.ts';
import { modelStore } from './store.ts';

interface Options extends ConfigOption {
  readonly model?: string;
  readonly command?: string;
  readonly input: string;
  readonly json?: boolean;
}

export function addModelCheckRunner(model: Command, cli: Cli): void {
  withConfigOption(model.command('check-runner').description('see whether a program keeps to the runner protocol'))
    .option('--model <ref>', 'an installed model, with the runner that it names')
    .option('--command <line>', 'the program and its arguments, instead of the one in the config')
    .option('--input <size>', 'without --model: width x height of its frames, planar BGR bytes', '320x320')
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const { checkRunner } = await import('../../server/runner/check-runner.ts');
      const subject =
        options.model === undefined
          ? anyModel(options.input)
          : await (await modelStore(cli, options)).find(options.model);
      const checks = await checkRunner(await commandOf(cli, options, subject), subject, cli.signal);
      if (options.json) cli.print(JSON.stringify(checks, null, 2));
      else cli.print(table(checks.map(({ name, ok, message }) => [ok ? 'ok' : 'FAILED', name, message])));
      if (checks.some(({ ok }) => !ok)) cli.fail(EXIT.failure);
    });
}

async function commandOf(cli: Cli, options: Options, { manifest }: InstalledModel): Promise<readonly string[]> {
  if (options.command !== undefined) return options.command.trim().split(/\s+/);
  const loaded = await openServeConfig(cli, options);
  const runner = loaded?.config.serve.runners.find(({ name }) => name === manifest.runner);
  if (runner) return runner.command;
  throw new FramegateError(
    'ERR_USAGE',
    options.model === undefined ? 'there is nothing to check' : `model ${options.model} names no runner of the config`,
    {
      hint: 'give --command "python3 my_runner.py", or --model with a runner in serve.runners',
      retryable: false,
    },
  );
}

/** For a program that needs no file. */
function anyModel(input: string): InstalledModel {
  const [width = Number.NaN, height = Number.NaN] = input.split('x').map(Number);
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new FramegateError('ERR_USAGE', `${input} is no size`, {
      hint: 'expected such as 320x320',
      retryable: false,
    });
  }
  return {
    ref: 'check/1',
    file: '/dev/null',
    manifest: {
      schema: 1,
      name: 'check/1',
      sha256: '0'.repeat(64),
      bytes: 1,
      source: 'check-runner',
      licence: 'none',
      task: 'object-detection',
      input: { width, height, layout: 'nchw', type: 'uint8', colour: 'bgr', fit: 'stretch', pad: 114 },
      decoder: 'boxes',
      labels: ['thing'],
      runner: 'check',
    },
  };
}
