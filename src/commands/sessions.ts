import { parseArgs } from 'node:util';
import { pageMax, type EverybodyOrder, type SessionOrder } from '../admin/control-order.ts';
import type { ShownSession } from '../admin/session-deeds.ts';
import { closestWord } from '../lib/closest-word.ts';
import type { Command, CommandOutput } from './command.ts';
import { askGateway } from './control-client.ts';

export const sessions: Command = {
  name: 'sessions',
  summary: 'List, show and end sessions, of a user or of everybody',
  help: `Usage: portcullis sessions list [USER] [options]
       portcullis sessions show USER HANDLE [options]
       portcullis sessions revoke USER HANDLE... [options]
       portcullis sessions revoke USER --all [options]
       portcullis sessions revoke --everybody [options]

Asks the running gateway, over its control socket, about the sessions of a user;
without one \`list\` shows those of everybody, a page of them, those that were
seen last first. A handle names a session and lets nobody in. What \`revoke\` has
ended, no worker of any node accepts any more when the command returns; \`--all\`
also ends impersonations of and by the user, and overtakes logins that are under
way. \`--everybody\` logs everybody out, as after a backup of the store was
restored.

Options:
  --all              every session of the user
  --everybody        every session of every user
  --limit N          how many of everybody are listed, 1 to 1000 (default 100)
  --skip N           how many are left out before them (default 0)
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
  everybody: { type: 'boolean' },
  limit: { type: 'string' },
  skip: { type: 'string' },
  directory: { type: 'string' },
  json: { type: 'boolean' },
  config: { type: 'string' },
  socket: { type: 'string' },
} as const;

interface SessionsOrder {
  readonly word: (typeof deeds)[number];
  readonly order: SessionOrder | EverybodyOrder;
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
  const { order } = read;
  if (isNone && 'handles' in order && order.handles !== null) {
    return notDone(io, `${JSON.stringify(order.user)} has no such session`);
  }
  if (read.isJson) io.out(`${JSON.stringify(value, null, 2)}\n`);
  else if (order.deed === 'page') io.out(pageOf(value as readonly ShownSession[], order));
  else io.out(textOf(read.word, value));
  return 0;
}

function readSessionsArguments(args: readonly string[]): SessionsOrder | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return 'knows the options that --help names';
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
  const named = Object.entries({ config: values.config, socket: values.socket });
  const common = {
    word,
    isJson: values.json === true,
    values: new Map(named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
  const isPaged = word === 'list' && user === undefined && values.everybody !== true;
  if (isPaged || values.everybody === true) {
    const order = isPaged ? readPage(values) : readEverybody(word, positionals.length, values);
    return typeof order === 'string' ? order : { ...common, order };
  }
  if (values.limit !== undefined || values.skip !== undefined) {
    return '--limit and --skip are for a list of everybody';
  }
  if (user === undefined || user === '') return `${word} needs the name of a user`;
  const isAll = values.all === true;
  if (isAll && word !== 'revoke') return `${word} takes no --all`;
  if (word === 'list' && handles.length > 0) return 'list takes one name; see show';
  if (word === 'show' && handles.length !== 1) return 'show needs the name of a user and a handle';
  if (word === 'revoke' && isAll === handles.length > 0) {
    return 'revoke needs either handles, as list prints them, or --all';
  }
  return {
    ...common,
    order: {
      deed: word === 'revoke' ? 'revoke' : 'list',
      user,
      directory: values.directory ?? null,
      handles: handles.length === 0 ? null : handles,
    },
  };
}

function readPage(values: {
  readonly limit?: string;
  readonly skip?: string;
  readonly directory?: string;
}): EverybodyOrder | string {
  if (values.directory !== undefined) return 'list takes --directory only with the name of a user';
  const count = countOf(values.limit ?? '100');
  if (count === null || count < 1 || count > pageMax) {
    return `needs a whole number from 1 to ${String(pageMax)} after --limit`;
  }
  const skip = countOf(values.skip ?? '0');
  if (skip === null) return 'needs a whole number after --skip';
  return { deed: 'page', skip, count };
}

/** Nothing that is said beside it may have been meant to make it less. */
function readEverybody(
  word: string,
  names: number,
  values: { readonly all?: boolean; readonly directory?: string },
): EverybodyOrder | string {
  if (word !== 'revoke') return `${word} takes no --everybody`;
  if (names > 1 || values.all === true || values.directory !== undefined) {
    return 'revoke takes --everybody alone';
  }
  return { deed: 'revokeEverybody' };
}

function countOf(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
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

/** A full page may not be the last one. */
function pageOf(
  shown: readonly ShownSession[],
  { count, skip }: Extract<EverybodyOrder, { deed: 'page' }>,
): string {
  const lines = shown.map((session) => `${session.user}\t${lineOf(session)}`).join('');
  return shown.length < count ? lines : `${lines}for more: --skip ${String(skip + count)}\n`;
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
