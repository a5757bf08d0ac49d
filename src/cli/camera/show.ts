import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type ConfigOption, configFile, withConfigOption } from '../config-option.ts';

interface Options extends ConfigOption {
  readonly json?: boolean;
}

export function addCameraShow(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('show <id>').description('show what the config says of a camera'))
    .option('--json', 'print one JSON document')
    .action(async (id: string, options: Options) => {
      const file = await configFile(cli, options);
      const { readCamera } = await import('../../config/edit.ts');
      const { withoutSecrets } = await import('../../config/without-secrets.ts');
      const { block } = await import('../../config/splice.ts');
      const shown = withoutSecrets(await readCamera(file, id));
      cli.print(options.json ? JSON.stringify({ id, ...shown }, null, 2) : block(id, shown, 0).trimEnd());
    });
}
