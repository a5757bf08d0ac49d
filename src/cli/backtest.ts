import { type Command, InvalidArgumentError } from 'commander';
import type { BacktestOptions } from '../backtest/command.ts';
import type { Axis } from '../backtest/sweep.ts';
import type { Change } from '../config/edit.ts';
import { FramegateError } from '../lib/errors.ts';
import { collectAssignment } from './camera/assignment.ts';
import { type Cli, EXIT } from './cli.ts';
import { withConfigOption } from './config-option.ts';
import { table } from './table.ts';

interface Options extends BacktestOptions {
  readonly json?: boolean;
}

export function addBacktest(program: Command, cli: Cli): void {
  withConfigOption(program.command('backtest').description('try settings on recorded clips, and score them'))
    .argument('<clip...>', 'recordings: any file that ffmpeg reads')
    .option('--truth <file>', 'what is really to be seen: {"front.mp4": {"motion": [[5.7, 19.5]], "ignore": []}}')
    .option('--write-truth <file>', 'write the events that were found, to strike out the wrong ones')
    .option('--camera <id>', 'take the settings of this camera of the config; default: the defaults')
    .option('--set <key=value>', 'change a setting, such as motion.threshold=20; may be repeated', collectAssignment)
    .option('--sweep <key=a,b,c>', 'compare values of a setting; may be repeated for a grid', collectAxis)
    .option('--tune', 'search the settings of motion for the best trade; needs --truth')
    .option('--write', 'with --tune: write what was found into the config of --camera')
    .option('--inference', 'also ask the configured model about the frames that would be sent')
    .option('--out <dir>', 'write report.json and report.html there')
    .option('--timing', 'have CPU seconds in the report too; it is another one each time then')
    .option('--jobs <n>', 'clips at a time; default: one per core', wholeNumber)
    .option('--json', 'print report.json on stdout')
    .action(async (clips: readonly string[], options: Options) => {
      refuseNonsense(options);
      const { backtest } = await import('../backtest/command.ts');
      const done = await backtest(clips, options, cli);
      if (options.json) cli.print(done.json.trimEnd());
      else cli.print(done.tables.map((rows) => table(rows)).join('\n\n'));
      for (const line of done.talk) cli.say(line);
      if (done.problems.length === 0) return;
      cli.say(`${done.problems.length} ${done.problems.length === 1 ? 'problem' : 'problems'}:`);
      for (const problem of done.problems) cli.say(`  ${problem}`);
      cli.fail(EXIT.failure);
    });
}

function refuseNonsense({ tune, write, camera, truth, sweep, inference }: Options): void {
  const refuse = (message: string, hint: string) => {
    throw new FramegateError('ERR_USAGE', message, { hint, retryable: false });
  };
  if (tune && truth === undefined) refuse('--tune needs --truth', 'label clips first: --write-truth writes a start');
  if (tune && sweep) refuse('--tune and --sweep do not go together', 'give one of them');
  if (write && !tune) refuse('--write needs --tune', 'or set it with framegate camera set');
  if (write && camera === undefined) refuse('--write needs --camera', 'name the camera whose settings are changed');
  if (inference && tune) refuse('--inference and --tune do not go together', 'tune first, then ask the model');
}

/** Collects `key=a,b,c`; values are YAML, as they would stand in the file. */
function collectAxis(text: string, earlier: readonly Axis[] = []): readonly Axis[] {
  const equals = text.indexOf('=');
  const values = text.slice(equals + 1).split(',');
  if (equals < 1 || values.some((value) => value.trim() === '')) {
    throw new InvalidArgumentError('expected key=a,b,c such as motion.threshold=10,16,24');
  }
  const changes = values.reduce<readonly Change[]>(
    (all, value) => collectAssignment(`${text.slice(0, equals)}=${value.trim()}`, all),
    [],
  );
  return [...earlier, { path: changes[0]?.path ?? [], values: changes.map(({ value }) => value) }];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a number such as 2');
}
