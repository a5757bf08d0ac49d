import type { Command } from 'commander';
import type { Change } from '../../config/edit.ts';
import { FramegateError } from '../../lib/errors.ts';
import type { Cli } from '../cli.ts';
import { type ConfigOption, configFile, withConfigOption } from '../config-option.ts';
import { collectAssignment, collectRemoval } from './assignment.ts';
import { warnOfPassword } from './warn-password.ts';

interface Options extends ConfigOption {
  readonly unset?: readonly Change[];
}

export function addCameraSet(camera: Command, cli: Cli): void {
  withConfigOption(camera.command('set <id>').description('change keys of a camera'))
    .argument('[key=value...]', 'such as enabled=false motion.threshold=30', collectAssignment)
    .option('--unset <key>', 'go back to the default of a key; may be repeated', collectRemoval)
    .action(async (id: string, assignments: readonly Change[], options: Options) => {
      const changes = [...assignments, ...(options.unset ?? [])];
      if (changes.length === 0) {
        throw new FramegateError('ERR_USAGE', 'nothing to set', {
          hint: `name what to change, such as framegate camera set ${id} enabled=false`,
          retryable: false,
        });
      }
      const file = await configFile(cli, options);
      const { setCamera } = await import('../../config/edit.ts');
      await setCamera(file, id, changes);
      cli.say(`changed camera ${id} in ${file}`);
      await warnOfPassword(cli, file, id, changes.find(({ path }) => path.join('.') === 'url')?.value);
    });
}
