import { parseArgs } from 'node:util';
import type { SessionOrder } from '../admin/control-order.ts';
import type { ShownSession } from '../admin/session-deeds.ts';
import { closestWord } from '../lib/closest-word.ts';
import type { Command, CommandOutput } from './command.ts';
import { askGateway } from './control-client.ts';

export const sessions: Command = {
  name: 'sessions',
  summary: 'List, show and end the sessions of a user',
  help: `Usage: portcullis sessions list USER [options]
       portcullis sessions show USER HANDLE [options]
       portcullis sessions revoke USER HANDLE... [options]
       portcullis sessions revoke USER --all [options]

Asks the running gateway, over its control socket, about the sessions of a user.
A handle names a session and lets nobody in. What \`revoke\` has ended, no worker
of any node accepts any more when the command returns; \`--all\` also ends
impersonations of and by the user, and overtakes logins that are under way.

Options:
  --all              every session of the user
  --directory NAME   only users of this directory (default: of every one)
  --json             print the answer as JSON
  --config FILE      the configuration that the gateway runs with (default:
                     $PORTCULLIS_CONFIG, else the shipped one)
  --socket PATH      its control socket, in place of the one that the file names
  --help             show this text

Exit codes: 0 done, 1 not done (no such session, no gateway was reached, the
store does not answer), 2 wrong use.
`,
  run,
};

const deeds = ['list', 'show', 'revoke'] as const;

const options = {
  all: { type: 'boolean' },
  directory: { type: 'string' },
  json: { type: 'boolean' },
  config: { type: 'string' },
  socket: { type: 'string' },
} as const;

interface SessionsOrder {
  readonly word: (typeof deeds)[number];
  readonly order: SessionOrder;
  readonly isJson: boolean;
  readonly values: ReadonlyMap<string, string>;
}

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readSessionsArguments(args);
  if (typeof read === 'string') {
    io.err(`portcullis sessions: ${read}\n`);
    return 2;
  }
  const asked = await askGateway(read.values, read.order);
  if (asked.kind === 'unreached') return notDone(io, asked.sentence);
  const { answer } = asked;
  if (answer.kind !== 'done') return notDone(io, answer.sentence);
  const { value } = answer;
  const isNone = Array.isArray(value) ? value.length === 0 : revokedOf(value) === 0;
  if (isNone && read.order.handles !== null) {
    return notDone(io, `${JSON.stringify(read.order.user)} has no such session`);
  }
  if (read.isJson) io.out(`${JSON.stringify(value, null, 2)}\n`);
  else io.out(textOf(read.word, value));
  return 0;
}

function readSessionsArguments(args: readonly string[]): SessionsOrder | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return 'knows the options --all, --directory, --json, --config and --socket';
  }
  const { values, positionals } = parsed;
  const [first = '', user, ...handles] = positionals;
  const word = deeds.find((deed) => deed === first);
  if (word === undefined) {
    const closest = closestWord(first, deeds);
    const hint =
      closest === undefined ? `expected ${deeds.join(', ')}` : `did you mean ${closest}?`;
    return first === '' ? hint : `cannot do ${JSON.stringify(first)}; ${hint}`;
  }
  if (user === undefined || user === '') return `${word} needs the name of a user`;
  const isAll = values.all === true;
  if (isAll && word !== 'revoke') return `${word} takes no --all`;
  if (word === 'list' && handles.length > 0) return 'list takes one name; see show';
  if (word === 'show' && handles.length !== 1) return 'show needs the name of a user and a handle';
  if (word === 'revoke' && isAll === handles.length > 0) {
    return 'revoke needs either handles, as list prints them, or --all';
  }
  const named = Object.entries({ config: values.config, socket: values.socket });
  return {
    word,
    order: {
      deed: word === 'revoke' ? 'revoke' : 'list',
      user,
      directory: values.directory ?? null,
      handles: handles.length === 0 ? null : handles,
    },
    isJson: values.json === true,
    values: new Map(named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

/** Both ends are of one package. */
function textOf(word: SessionsOrder['word'], value: unknown): string {
  if (word === 'revoke') {
    const count = revokedOf(value);
    return `${count} ${count === 1 ? 'session has' : 'sessions have'} ended\n`;
  }
  const shown = value as readonly ShownSession[];
  return shown.map(word === 'list' ? lineOf : blockOf).join('');
}

function revokedOf(value: unknown): number {
  return typeof value === 'object' && value !== null && 'revoked' in value
    ? Number(value.revoked)
    : 0;
}

function lineOf({ actor, createdAt, directory, handle, lastSeenAt, role }: ShownSession): string {
  const by = actor === null ? '' : `\tby ${actor}`;
  return `${handle}\t${directory}\t${role}\tsince ${createdAt}\tseen ${lastSeenAt}${by}\n`;
}

function blockOf(session: ShownSession): string {
  return Object.entries(session)
    .map(
      ([name, value]) =>
        `${name}: ${Array.isArray(value) ? value.join(', ') : String(value ?? '-')}\n`,
    )
    .join('');
}

function notDone(io: CommandOutput, sentence: string): number {
  io.err(`portcullis sessions: ${sentence}\n`);
  return 1;
}
