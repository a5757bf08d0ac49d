import type { Command } from 'commander';
import { type Cli, EXIT } from '../cli.ts';
import { type ConfigOption, withConfigOption } from '../config-option.ts';
import { table } from '../table.ts';

interface Options extends ConfigOption {
  readonly json?: boolean;
}

export function addDoctor(program: Command, cli: Cli): void {
  withConfigOption(
    program.command('doctor').description('one page of what is installed and reachable, and what to fix'),
  )
    .option('--json', 'print one JSON document')
    .action(async (options: Options) => {
      const { examine } = await import('./examine.ts');
      cli.draw('looking ...');
      const findings = await examine(cli, options);
      cli.draw('');
      const problems = findings.filter(({ state }) => state === 'problem');
      if (options.json) cli.print(JSON.stringify(findings, null, 2));
      else {
        const rows = findings.flatMap(({ name, state, message, fix }) => [
          [state === 'problem' ? 'FIX' : state === 'warning' ? 'note' : 'ok', name, message.replaceAll('\n', '; ')],
          ...(state !== 'ok' && fix !== undefined ? [['', '', `-> ${fix}`]] : []),
        ]);
        cli.print(table(rows));
        cli.print(problems.length === 0 ? '\nnothing to fix' : `\n${problems.length} to fix`);
      }
      if (problems.length > 0) cli.fail(EXIT.failure);
    });
}
