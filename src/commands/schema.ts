import { jsonSchema } from '../config/schema.ts';
import { schemaReference } from '../config/schema-reference.ts';
import { readFlagged } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';

export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of configuration files, for editors',
  help: `Usage: portcullis schema [--markdown]

Prints the JSON Schema (2020-12) of a configuration file: every option with what
it does, its range and its default. The same text comes with the package as
config/portcullis.schema.json; an editor with a YAML language server uses it for
a file that begins with

  # yaml-language-server: $schema=portcullis.schema.json

Options:
  --markdown   the same for people, as docs/configuration.md has it
  --help       show this text
  --version    show the version

Exit codes: 0 done, 2 wrong use.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readFlagged(args, [], ['markdown']);
  if (read.kind === 'wrong') {
    io.err(`portcullis schema ${read.sentence}\n`);
    return 2;
  }
  const whole = jsonSchema();
  const isForPeople = read.flags.has('markdown');
  io.out(isForPeople ? schemaReference(whole) : `${JSON.stringify(whole, null, 2)}\n`);
  return 0;
}
