import { join } from 'node:path';
import type { ModelStore } from '../../models/store.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, openServeConfig } from '../config-option.ts';

/** The store of this machine, where `framegate serve` with the same config looks. */
export async function modelStore(cli: Cli, options: ConfigOption): Promise<ModelStore> {
  const { dataDir } = await import('../../lib/data-dir.ts');
  const { openStore } = await import('../../models/store.ts');
  const loaded = await openServeConfig(cli, options);
  return openStore(join(dataDir(loaded?.config.dataDir), 'models'));
}
