import { Command } from 'commander';
import { packageVersion } from '../lib/version.ts';
import { addBacktest } from './backtest.ts';
import { addCameraCommands } from './camera/commands.ts';
import type { Cli } from './cli.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor/command.ts';
import { addInit } from './init.ts';
import { addModelCommands } from './model/commands.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addServe } from './serve.ts';
import { addService } from './service.ts';
import { addStatus } from './status.ts';
import { addValidate } from './validate.ts';

/** The command line. What a command needs is loaded when it runs, so that `--help` is quick. */
export function createProgram(cli: Cli): Command {
  const program = new Command('framegate')
    .description('Watches cameras, asks a vision model about the frames that matter, and tells MQTT what was seen.')
    .version(packageVersion(), '-v, --version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(add --help for help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.print(text.trimEnd()),
      writeErr: (text) => cli.say(text.trimEnd()),
    });
  for (const add of [
    addRun,
    addServe,
    addDemo,
    addInit,
    addCameraCommands,
    addBacktest,
    addValidate,
    addStatus,
    addSchema,
    addModelCommands,
    addDoctor,
    addService,
  ]) {
    add(program, cli);
  }
  return program.addHelpText(
    'after',
    '\nExit codes: 0 ok, 1 failure, 2 wrong usage, 78 bad configuration.\nStart with: framegate init, framegate camera add, framegate run',
  );
}
