import type { Command } from 'commander';
import { keepHeapSmall } from '../lib/small-heap.ts';
import type { Cli } from './cli.ts';
import { type ConfigOption, configFile, withConfigOption } from './config-option.ts';

export function addRun(program: Command, cli: Cli): void {
  withConfigOption(program.command('run').description('run the gateway until it is told to stop')).action(
    async (options: ConfigOption) => {
      let early = false;
      let reload = () => {
        early = true;
      };
      // From the start on: without a listener a SIGHUP would end the process.
      cli.onHangup(() => reload());
      const file = await configFile(cli, options);
      keepHeapSmall();
      const { runGateway } = await import('../daemon.ts');
      const { createNotifier } = await import('../telemetry/systemd.ts');
      const notifier = createNotifier(cli.env, () => cli.say('systemd could not be notified'));
      const onHangup = (listener: () => void) => {
        reload = listener;
        if (early) listener();
      };
      await runGateway({ configFile: file, notifier, onHangup }, cli.signal);
    },
  );
}
