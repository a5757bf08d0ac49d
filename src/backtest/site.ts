import { readCamera } from '../config/edit.ts';
import { findConfigFile, findConfigFileIfAny } from '../config/find-file.ts';
import { loadConfig } from '../config/load.ts';
import { type InferenceConfig, inferenceConfig } from '../inference/config.ts';
import { isFramegateError } from '../lib/errors.ts';
import type { RawCamera } from './settings.ts';

/** What the config says that a backtest needs. */
export interface Site {
  /** The config, if there is one and it was needed. */
  readonly file: string | undefined;
  /** The camera as it stands there; empty for the defaults. */
  readonly raw: RawCamera;
  readonly ffmpegPath: string | undefined;
  readonly inference: InferenceConfig | undefined;
}

export interface SiteOptions {
  readonly config?: string;
  readonly camera?: string;
  readonly inference?: boolean;
}

/** Throws ERR_CONFIG_*, ERR_USAGE for a camera that there is not, and ERR_SECRET_MISSING where the model is to be asked. */
export async function siteOf(
  options: SiteOptions,
  { env, conceal }: { readonly env: NodeJS.ProcessEnv; conceal(secrets: readonly string[]): void },
): Promise<Site> {
  const needed = options.camera !== undefined || options.config !== undefined;
  const file = needed ? findConfigFile(options.config, env) : findConfigFileIfAny(undefined, env);
  if (file === undefined || !(needed || options.inference)) {
    const inference = options.inference ? inferenceConfig.parse({}) : undefined;
    return { file: undefined, raw: {}, ffmpegPath: undefined, inference };
  }
  const raw = options.camera === undefined ? {} : await readCamera(file, options.camera);
  try {
    const { config, secrets } = await loadConfig(file, env);
    conceal(secrets);
    const inference = options.inference ? config.inference : undefined;
    return { file, raw, ffmpegPath: config.ffmpeg.path, inference };
  } catch (error) {
    // Whoever tries settings on recordings need not have the passwords of the cameras.
    if (options.inference || !isFramegateError(error, 'ERR_SECRET_MISSING')) throw error;
    return { file, raw, ffmpegPath: undefined, inference: undefined };
  }
}
