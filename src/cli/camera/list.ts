import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type ConfigOption, configFile, withConfigOption } from '../config-option.ts';
import { table } from '../table.ts';

interface Options extends ConfigOption {
  readonly json?: boolean;
}

export function addCameraList(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('list').description('list the cameras of the config'))
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const file = await configFile(cli, options);
      const { readCameras } = await import('../../config/edit.ts');
      const { hidePassword } = await import('../../config/url-credentials.ts');
      const cameras = Object.entries(await readCameras(file)).map(([id, { url, enabled }]) => ({
        id,
        enabled: enabled !== false,
        url: hidePassword(String(url)),
      }));
      if (options.json) cli.print(JSON.stringify(cameras, null, 2));
      else if (cameras.length === 0) cli.say(`no cameras in ${file} yet: framegate camera add ID --url URL`);
      else cli.print(table(cameras.map(({ id, enabled, url }) => [id, enabled ? 'enabled' : 'disabled', url])));
    });
}
