import type { Command } from 'commander';
import { describeError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, withConfigOption } from '../config-option.ts';
import { table } from '../table.ts';
import { modelStore } from './store.ts';

interface Options extends ConfigOption {
  readonly json?: boolean;
}

export function addModelList(model: Command, cli: Cli): void {
  withConfigOption(model.command('list').description('list the installed models and those one can install'))
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const store = await modelStore(cli, options);
      const { loadCatalogue } = await import('../../models/catalogue.ts');
      const { models, broken } = await store.list();
      const installed = models.map(({ ref, manifest }) => ({
        ref,
        bytes: manifest.bytes,
        source: manifest.source,
        licence: manifest.licence,
      }));
      const catalogue = await loadCatalogue();
      const available = catalogue.map(({ key, name, kind, summary }) => ({ key, ref: name, kind, summary }));
      if (options.json) {
        const faults = broken.map(({ ref, error }) => ({ ref, message: describeError(error) }));
        cli.print(JSON.stringify({ directory: store.directory, installed, broken: faults, available }, null, 2));
        return;
      }
      const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
      const isInstalled = (ref: string) => models.some((found) => found.ref === ref);
      cli.print(
        table([
          ...installed.map(({ ref, bytes, source }) => [ref, 'installed', size(bytes), source]),
          ...broken.map(({ ref, error }) => [ref, 'broken', '', describeError(error)]),
          ...available
            .filter(({ ref }) => !isInstalled(ref))
            .map(({ key, ref, kind, summary }) => [
              ref,
              'available',
              `framegate model ${kind === 'build' ? 'build' : 'pull'} ${key}`,
              summary,
            ]),
        ]),
      );
    });
}
