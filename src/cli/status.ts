import type { Command } from 'commander';
import type { Cli } from './cli.ts';
import { type GatewayOption, gatewayAddress, withGatewayOption } from './gateway-option.ts';

interface Options extends GatewayOption {
  readonly json?: boolean;
}

export function addStatus(program: Command, cli: Cli): void {
  withGatewayOption(program.command('status').description('say how the running gateway and its cameras are'))
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const { askGateway } = await import('./gateway-api.ts');
      const status = await askGateway(await gatewayAddress(cli, options), '/api/status', { signal: cli.signal });
      if (options.json) {
        cli.print(JSON.stringify(status, null, 2));
        return;
      }
      const { describeStatus } = await import('./describe-status.ts');
      cli.print(describeStatus(status as Parameters<typeof describeStatus>[0]));
    });
}
