import type { Command } from 'commander';
import { type Cli, EXIT } from '../cli.ts';
import { type ConfigOption, withConfigOption } from '../config-option.ts';
import { table } from '../table.ts';
import { modelStore } from './store.ts';

interface Options extends ConfigOption {
  readonly json?: boolean;
}

export function addModelVerify(model: Command, cli: Cli): void {
  withConfigOption(model.command('verify [ref...]').description('read installed models whole and compare their hashes'))
    .option('--json', 'print one JSON document')
    .action(async (refs: readonly string[], options: Options) => {
      const { verifyModels } = await import('./verify-models.ts');
      const results = await verifyModels(await modelStore(cli, options), refs);
      if (options.json) cli.print(JSON.stringify(results, null, 2));
      else if (results.length === 0) cli.say('no models installed: framegate model build coco');
      else cli.print(table(results.map(({ ref, ok, message }) => [ok ? 'ok' : 'FAILED', ref, message])));
      if (results.some(({ ok }) => !ok)) cli.fail(EXIT.failure);
    });
}
