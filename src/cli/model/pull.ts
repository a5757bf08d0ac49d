import type { Command } from 'commander';
import { FramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, withConfigOption } from '../config-option.ts';
import { drawProgress } from './progress.ts';
import { modelStore } from './store.ts';

interface Options extends ConfigOption {
  readonly from?: string;
}

export function addModelPull(model: Command, cli: Cli): void {
  withConfigOption(model.command('pull <name>').description('download a model of the catalogue'))
    .option('--from <url>', 'another address of the same file, such as a mirror on the local network')
    .action(async (name: string, options: Options) => {
      await refuseCredentials(options.from);
      const { findEntry, loadCatalogue } = await import('../../models/catalogue.ts');
      const entry = findEntry(await loadCatalogue(), name);
      if (entry.kind !== 'download') {
        throw new FramegateError('ERR_USAGE', `${name} is not a download`, {
          hint: `it is built here: framegate model build ${entry.key}`,
          retryable: false,
        });
      }
      const store = await modelStore(cli, options);
      const { pullModel } = await import('../../models/pull.ts');
      const manifest = options.from === undefined ? entry.manifest : { ...entry.manifest, source: options.from };
      const onProgress = drawProgress(cli, `downloading ${entry.name}`);
      const pulled = await pullModel({ manifest, store, signal: cli.signal, onProgress });
      cli.draw('');
      cli.say(`installed ${pulled.ref}`);
      cli.print(pulled.file);
    });
}

/** The address is kept beside the model, for everybody to see. */
async function refuseCredentials(url: string | undefined): Promise<void> {
  const { findCredentials } = await import('../../config/url-credentials.ts');
  if (url === undefined || !findCredentials(url)) return;
  throw new FramegateError('ERR_USAGE', '--from must not contain a user name or password', { retryable: false });
}
