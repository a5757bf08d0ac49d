/**
 * `-c FILE`, the same for every command that reads the config.
 */
import { type Command, Option } from 'commander';
import type { LoadedConfig, ServeFileConfig } from '../config/load.ts';
import type { Cli } from './cli.ts';

export interface ConfigOption {
  readonly config?: string;
}

export function withConfigOption(command: Command): Command {
  return command.addOption(
    new Option(
      '-c, --config <file>',
      'config file (default: $FRAMEGATE_CONFIG, ./framegate.yaml, /etc/framegate/framegate.yaml)',
    ),
  );
}

/** Throws ERR_CONFIG_MISSING. */
export async function configFile(cli: Cli, options: ConfigOption): Promise<string> {
  const { findConfigFile } = await import('../config/find-file.ts');
  return findConfigFile(options.config, cli.env);
}

/** Throws ERR_CONFIG_* and ERR_SECRET_MISSING. */
export async function openConfig(cli: Cli, options: ConfigOption): Promise<LoadedConfig> {
  const { loadConfig } = await import('../config/load.ts');
  return concealed(cli, await loadConfig(await configFile(cli, options), cli.env));
}

/** What `serve` and `model` need of the config; undefined if there is no config file and none was asked for. */
export async function openServeConfig(
  cli: Cli,
  options: ConfigOption,
): Promise<LoadedConfig<ServeFileConfig> | undefined> {
  const { findConfigFileIfAny } = await import('../config/find-file.ts');
  const file = findConfigFileIfAny(options.config, cli.env);
  if (file === undefined) return undefined;
  const { loadServeConfig } = await import('../config/load.ts');
  return concealed(cli, await loadServeConfig(file, cli.env));
}

function concealed<T>(cli: Cli, loaded: LoadedConfig<T>): LoadedConfig<T> {
  cli.conceal(loaded.secrets);
  return loaded;
}
