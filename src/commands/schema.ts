import { jsonSchema } from '../config/schema.ts';
import { readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of configuration files, for editors',
  help: `Usage: portcullis schema

Prints the JSON Schema (2020-12) of a configuration file: every option with what
it does, its range and its default. The same text comes with the package as
config/portcullis.schema.json; an editor with a YAML language server uses it for
a file that begins with

  # yaml-language-server: $schema=portcullis.schema.json

Options:
  --help       show this text
  --version    show the version

Exit codes: 0 done, 2 wrong use.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readArguments(args, []);
  if (read.kind === 'wrong') {
    io.err(`portcullis schema ${read.sentence}\n`);
    return 2;
  }
  io.out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
