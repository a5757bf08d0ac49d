import type { Command } from 'commander';
import { FramegateError } from '../lib/errors.ts';
import type { Cli } from './cli.ts';
import { type ConfigOption, configFile, withConfigOption } from './config-option.ts';
import type { GatewayAddress } from './gateway-api.ts';

export interface GatewayOption extends ConfigOption {
  readonly url?: string;
}

/** `-c FILE` and `--url URL`: which running gateway is meant. */
export function withGatewayOption(command: Command): Command {
  return withConfigOption(command).option(
    '--url <url>',
    'the running gateway (default: http.host and http.port of the config)',
  );
}

/** Where it listens. Of the config only `http` is read, so no secrets are needed. Throws ERR_CONFIG_* and ERR_USAGE. */
export async function gatewayAddress(cli: Cli, options: GatewayOption): Promise<GatewayAddress> {
  if (options.url !== undefined) return addressIn(options.url);
  const { loadHttpConfig } = await import('../config/load.ts');
  return loadHttpConfig(await configFile(cli, options), cli.env);
}

function addressIn(text: string): GatewayAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') {
    throw new FramegateError('ERR_USAGE', '--url: expected a URL such as http://127.0.0.1:8080', { retryable: false });
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
}
