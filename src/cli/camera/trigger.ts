import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { durationArgument } from '../duration-option.ts';
import { type GatewayOption, gatewayAddress, withGatewayOption } from '../gateway-option.ts';

interface Options extends GatewayOption {
  readonly duration?: number;
  readonly json?: boolean;
}

export function addCameraTrigger(camera: Command, cli: Cli): void {
  withGatewayOption(
    camera.command('trigger <id>').description('have the running gateway send frames of a camera to the model'),
  )
    .option('--duration <time>', 'for so long, such as 10s (default: trigger.duration of the camera)', durationArgument)
    .option('--json', 'print one JSON document')
    .action(async (id: string, options: Options) => {
      const { askGateway } = await import('../gateway-api.ts');
      const address = await gatewayAddress(cli, options);
      const body = options.duration === undefined ? {} : { duration: `${options.duration}ms` };
      const path = `/api/cameras/${encodeURIComponent(id)}/trigger`;
      const opening = await askGateway(address, path, { method: 'POST', body, signal: cli.signal });
      if (options.json) cli.print(JSON.stringify(opening, null, 2));
      else cli.say(`frames of ${id} are sent to the model for ${describeMs(opening)}`);
    });
}

function describeMs(opening: unknown): string {
  const { durationMs = 0 } = opening as { readonly durationMs?: number };
  return `${Math.round(durationMs / 100) / 10} s`;
}
