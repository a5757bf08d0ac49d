import { FramegateError } from '../../lib/errors.ts';
import type { InstalledModel } from '../../models/installed.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { RunnerConfig } from '../config.ts';
import { ExecRunner } from './exec-runner.ts';

export interface RunnersOptions {
  readonly runners: readonly RunnerConfig[];
  readonly logger: Logger;
  /** Called each time one dies or hangs. */
  readonly onFailure: () => void;
}

/** The programs of `serve.runners`, one process for each model that wants one. */
export class Runners {
  readonly #options: RunnersOptions;
  readonly #open = new Set<ExecRunner>();

  constructor(options: RunnersOptions) {
    this.#options = options;
  }

  /**
   * The runner that a manifest names, not started yet. What is started stands in the config alone: a model that was fetched from somewhere
   * cannot name a program. Throws ERR_MODEL_UNSUPPORTED.
   */
  open(model: InstalledModel): ExecRunner {
    const { runner: name = 'onnx', decoder } = model.manifest;
    const { runners, logger, onFailure } = this.#options;
    const config = runners.find((known) => known.name === name);
    if (!config) {
      throw unsupported(
        `model ${model.ref} wants a runner "${name}" that is not configured`,
        `add {name: ${name}, command: [...]} to serve.runners`,
      );
    }
    if (decoder !== 'boxes') {
      throw unsupported(
        `model ${model.ref} has a runner and decoder ${decoder}`,
        'runners answer with boxes: set "decoder": "boxes" in manifest.json',
      );
    }
    const runner = new ExecRunner({ command: config.command, model, logger, onFailure });
    this.#open.add(runner);
    return runner;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((runner) => runner.stop()));
    this.#open.clear();
  }
}

function unsupported(message: string, hint: string): FramegateError {
  return new FramegateError('ERR_MODEL_UNSUPPORTED', message, { hint, retryable: false });
}
