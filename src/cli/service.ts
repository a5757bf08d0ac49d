import type { Command } from 'commander';
import type { Cli } from './cli.ts';

interface Options {
  readonly serve?: boolean;
  readonly root: string;
  readonly start: boolean;
}

export function addService(program: Command, cli: Cli): void {
  program
    .command('service')
    .description('run framegate as a service of systemd')
    .command('install')
    .description('write, enable and start the systemd units')
    .option('--serve', 'also the inference microservice')
    .option('--root <folder>', 'write below this folder, as for an image', '/')
    .option('--no-start', 'write the files, but do not enable and start the units')
    .action(async ({ serve = false, root, start }: Options) => {
      const { installService } = await import('./service-install.ts');
      const files = await installService({ serve, root, start: start && root === '/' });
      for (const file of files) cli.print(file);
      cli.say('secrets go into /etc/framegate/environment, one NAME=value a line; logs: journalctl -u framegate');
    });
}
