import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { addCameraAdd } from './add.ts';
import { addCameraList } from './list.ts';
import { addCameraRecord } from './record.ts';
import { addCameraRemove } from './remove.ts';
import { addCameraSet } from './set.ts';
import { addCameraShow } from './show.ts';
import { addCameraTest } from './test.ts';
import { addCameraTrigger } from './trigger.ts';

export function addCameraCommands(program: Command, cli: Cli): void {
  const camera = program.command('camera').description('add, change, test, trigger and record cameras');
  for (const add of [
    ...[addCameraAdd, addCameraList, addCameraShow, addCameraSet, addCameraRemove],
    ...[addCameraTest, addCameraTrigger, addCameraRecord],
  ]) {
    add(camera, cli);
  }
}
