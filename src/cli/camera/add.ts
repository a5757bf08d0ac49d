import type { Command } from 'commander';
import type { Change } from '../../config/edit.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, configFile, withConfigOption } from '../config-option.ts';
import { collectAssignment } from './assignment.ts';
import { warnOfPassword } from './warn-password.ts';

interface Options extends ConfigOption {
  readonly url: string;
  readonly set?: readonly Change[];
}

export function addCameraAdd(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('add <id>').description('add a camera to the config'))
    .requiredOption('--url <url>', "stream to watch, such as 'rtsp://user:${FRONT_PASSWORD}@192.0.2.10/stream2'")
    .option(
      '--set <key=value>',
      'another key of the camera, such as motion.threshold=30; may be repeated',
      collectAssignment,
    )
    .action(async (id: string, options: Options) => {
      const file = await configFile(cli, options);
      const { addCamera } = await import('../../config/edit.ts');
      await addCamera(file, id, [{ path: ['url'], value: options.url }, ...(options.set ?? [])]);
      cli.say(`added camera ${id} to ${file}`);
      await warnOfPassword(cli, file, id, options.url);
    });
}
