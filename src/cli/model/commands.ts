import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addModelBuild } from './build.ts';
import { addModelCheckRunner } from './check-runner.ts';
import { addModelList } from './list.ts';
import { addModelPull } from './pull.ts';
import { addModelVerify } from './verify.ts';

export function addModelCommands(program: Command, cli: Cli): void {
  const model = program.command('model').description('the models on this machine, for framegate serve');
  for (const add of [addModelList, addModelBuild, addModelPull, addModelVerify, addModelCheckRunner]) add(model, cli);
}
