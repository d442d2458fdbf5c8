import type { CrewDeed } from '../admin/control-order.ts';
import { readFlagged } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { askGateway } from './control-client.ts';

interface CrewCommand {
  readonly deed: CrewDeed;
  readonly summary: string;
  readonly help: string;
  /** For a person. */
  readonly textOf: (value: unknown) => string;
}

/** A command that is one order to the running gateway. */
export function crewCommand({ deed, help, summary, textOf }: CrewCommand): Command {
  return {
    name: deed,
    summary,
    help: `Usage: portcullis ${deed} [--json] [options]

${help}
Options:
  --json           print the answer as JSON
  --config FILE    the configuration that the gateway runs with (default:
                   $PORTCULLIS_CONFIG, else the shipped one)
  --socket PATH    its control socket, in place of the one that the file names
  --help           show this text
  --version        show the version

Exit codes: 0 done, 1 not done, or no gateway was reached, 2 wrong use.
`,
    run: (args, io) => run(deed, textOf, args, io),
  };
}

async function run(
  deed: CrewDeed,
  textOf: (value: unknown) => string,
  args: readonly string[],
  io: CommandOutput,
): Promise<number> {
  const read = readFlagged(args, ['config', 'socket'], ['json']);
  if (read.kind === 'wrong') {
    io.err(`portcullis ${deed} ${read.sentence}\n`);
    return 2;
  }
  const asked = await askGateway(read.values, { deed });
  if (asked.kind === 'unreached') {
    io.err(`portcullis ${deed}: ${asked.sentence}\n`);
    return 1;
  }
  const { answer } = asked;
  if (answer.kind !== 'done') {
    io.err(`portcullis ${deed}: ${answer.sentence}\n`);
    return 1;
  }
  const { value } = answer;
  io.out(read.flags.has('json') ? `${JSON.stringify(value, null, 2)}\n` : textOf(value));
  return 0;
}
