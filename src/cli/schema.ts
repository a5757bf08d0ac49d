import type { Command } from 'commander';
import type { Cli } from './cli.ts';

export function addSchema(program: Command, cli: Cli): void {
  program
    .command('schema')
    .description('print the JSON Schema of the config, for editors')
    .action(async () => {
      const { configJsonSchema } = await import('../config/json-schema.ts');
      cli.print(JSON.stringify(configJsonSchema(), null, 2));
    });
}
