import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { type ConfigOption, withConfigOption } from './config-option.ts';

interface Options extends ConfigOption {
  readonly force?: boolean;
}

export function addInit(program: Command, cli: Cli): void {
  withConfigOption(program.command('init').description('write a commented starter config'))
    .option('--force', 'replace the file if there is one')
    .action(async (options: Options) => {
      const { starterConfig } = await import('../config/starter.ts');
      const { createFile } = await import('../config/write-file.ts');
      const file = options.config ?? (cli.env['FRAMEGATE_CONFIG'] || 'framegate.yaml');
      await createFile(file, await starterConfig(), options.force === true);
      const which = file === 'framegate.yaml' ? '' : ` -c ${file}`;
      cli.say(`wrote ${file}, readable only by you; next:`);
      cli.say(`  framegate camera add front${which} --url 'rtsp://user:\${FRONT_PASSWORD}@192.0.2.10/stream2'`);
      cli.say(`  framegate validate${which} --probe`);
    });
}
