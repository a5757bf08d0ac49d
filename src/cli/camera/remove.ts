import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type ConfigOption, configFile, withConfigOption } from '../config-option.ts';

export function addCameraRemove(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('remove <id>').description('remove a camera from the config')).action(
    async (id: string, options: ConfigOption) => {
      const file = await configFile(cli, options);
      const { removeCamera } = await import('../../config/edit.ts');
      await removeCamera(file, id);
      cli.say(`removed camera ${id} from ${file}`);
    },
  );
}
