import type { Command } from 'commander';
import { FramegateError } from '../lib/errors.ts';
import type { Cli } from './cli.ts';

interface Options {
  readonly duration?: string;
}

export function addDemo(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description('see it work: camera, inference service, broker and gateway in one command')
    .option('--duration <time>', 'end after this time, such as 30s')
    .action(async ({ duration }: Options) => {
      const { parseDuration } = await import('../lib/units.ts');
      const durationMs = duration === undefined ? undefined : parseDuration(duration);
      if (duration !== undefined && durationMs === undefined) {
        throw new FramegateError('ERR_USAGE', `--duration ${duration} is no duration`, {
          hint: 'write it as 30s or 5m',
          retryable: false,
        });
      }
      const { dataDir } = await import('../lib/data-dir.ts');
      const { runDemo } = await import('../demo/demo.ts');
      const options = { dataDir: dataDir(), print: cli.print, ...(durationMs !== undefined && { durationMs }) };
      await runDemo(options, cli.signal);
    });
}
