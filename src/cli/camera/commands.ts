import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addCameraAdd } from './add.ts';
import { addCameraList } from './list.ts';
import { addCameraRemove } from './remove.ts';
import { addCameraSet } from './set.ts';
import { addCameraShow } from './show.ts';
import { addCameraTest } from './test.ts';

export function addCameraCommands(program: Command, cli: Cli): void {
  const camera = program.command('camera').description('add, change and test cameras; edits the config in place');
  for (const add of [addCameraAdd, addCameraList, addCameraShow, addCameraSet, addCameraRemove, addCameraTest]) {
    add(camera, cli);
  }
}
