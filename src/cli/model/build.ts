import type { Command } from 'commander';
import { FramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, withConfigOption } from '../config-option.ts';
import { drawProgress } from './progress.ts';
import { modelStore } from './store.ts';

export function addModelBuild(model: Command, cli: Cli): void {
  withConfigOption(model.command('build [name]').description('build a model from an installed npm package')).action(
    async (name = 'coco', options: ConfigOption) => {
      const { findEntry, loadCatalogue } = await import('../../models/catalogue.ts');
      const entry = findEntry(await loadCatalogue(), name);
      if (entry.kind !== 'build') {
        throw new FramegateError('ERR_USAGE', `${name} is not built here`, {
          hint: `it is downloaded: framegate model pull ${entry.key}`,
          retryable: false,
        });
      }
      const store = await modelStore(cli, options);
      const { buildCoco } = await import('../../models/build-coco.ts');
      const onProgress = drawProgress(cli, `building ${entry.name}`);
      const built = await buildCoco({ store, signal: cli.signal, onProgress });
      cli.draw('');
      cli.say(`installed ${built.ref}`);
      cli.print(built.file);
    },
  );
}
