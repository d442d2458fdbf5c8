import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { costProblem, defaultCost } from '../passwords/argon2id-cost.ts';
import type { Argon2idCost } from '../passwords/argon2id-cost.ts';
import { formatArgon2idHash } from '../passwords/argon2id-hash.ts';
import { deriveKey } from '../passwords/derive-key.ts';
import { isPasswordAcceptable, passwordBytesMax } from '../passwords/password.ts';
import type { Command, CommandOutput } from './command.ts';
import { readHiddenLines } from './hidden-lines.ts';

const saltBytes = 16;
const keyBytes = 32;

/** As shells report a program that Ctrl-C ended: 128 and the number of SIGINT. */
const interruptedCode = 130;

export const hash: Command = {
  name: 'hash',
  summary: 'Turn a password into the hash that a configuration file holds',
  help: `Usage: portcullis hash [options]

Asks for a password twice, without showing it, and prints its argon2id hash as a
PHC string: the value of \`password:\` of a user in the configuration file. Where
standard input is no terminal, its first line is the password.

Options:
  --memory KIB       memory that one check fills, in KiB (default ${defaultCost.memoryKib})
  --iterations N     passes over that memory (default ${defaultCost.iterations})
  --parallelism N    lanes that the memory is divided into (default ${defaultCost.parallelism})
  --help             show this text

A higher cost makes a stolen hash harder to guess, and each login dearer. The
defaults are those that OWASP recommends, about 35 ms of one processor.

Exit codes: 0 done, 1 no usable password, 2 wrong use, ${interruptedCode} interrupted.
`,
  run,
};

type Asked =
  | { readonly kind: 'given'; readonly password: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'interrupted' };

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const cost = readCost(args);
  if (typeof cost === 'string') {
    io.err(`portcullis hash: ${cost}\n`);
    return 2;
  }
  const { stdin } = process;
  const asked = checked(stdin.isTTY ? await askTwice(io) : await readFirstLine(stdin));
  if (asked.kind === 'interrupted') return interruptedCode;
  if (asked.kind === 'refused') {
    io.err(`portcullis hash: ${asked.reason}\n`);
    return 1;
  }
  const { password } = asked;
  const salt = new Uint8Array(randomBytes(saltBytes));
  // On this thread: nothing else runs in this process that it could hold up.
  const tag = deriveKey({ algorithm: 'argon2id', password, cost, salt, keyBytes });
  io.out(`${formatArgon2idHash({ cost, salt, tag })}\n`);
  return 0;
}

/** The cost that the options ask for, or what is wrong with them in one sentence. */
function readCost(args: readonly string[]): Argon2idCost | string {
  const text = { type: 'string' } as const;
  const options = { memory: text, iterations: text, parallelism: text };
  // Not strict: parseArgs would quote what it does not know, and that may be a password.
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false });
  if (positionals.length > 0) {
    return 'takes no password as an argument: it would stay in the history of the shell';
  }
  const known = new Set(Object.keys(options));
  if (Object.keys(values).some((name) => !known.has(name))) {
    return 'knows the options --memory, --iterations and --parallelism';
  }
  const cost: Argon2idCost = {
    memoryKib: wholeNumber(values['memory'], defaultCost.memoryKib),
    iterations: wholeNumber(values['iterations'], defaultCost.iterations),
    parallelism: wholeNumber(values['parallelism'], defaultCost.parallelism),
  };
  return costProblem(cost) ?? cost;
}

/** NaN, which no bound lets pass, for what is no whole number. */
function wholeNumber(value: string | boolean | undefined, preset: number): number {
  if (value === undefined) return preset;
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
}

async function askTwice(io: CommandOutput): Promise<Asked> {
  // Prompts go where errors go, so that `portcullis hash > file` writes the hash alone.
  const say = (text: string): void => io.err(text);
  const asked = await readHiddenLines(process.stdin, say, ['Password: ', 'Once more: ']);
  if (asked.kind === 'interrupted') return asked;
  const [first = '', second = ''] = asked.lines;
  if (first !== second) return { kind: 'refused', reason: 'the two passwords differ' };
  return { kind: 'given', password: first };
}

async function readFirstLine(input: Readable): Promise<Asked> {
  input.setEncoding('utf8');
  let text = '';
  for await (const piece of input) {
    text += String(piece);
    // What is longer is refused below; nothing more of it needs to be read.
    if (text.includes('\n') || text.length > passwordBytesMax + 2) break;
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  return { kind: 'given', password: line };
}

/** Refuses a given password that no login could ever present. */
function checked(asked: Asked): Asked {
  if (asked.kind !== 'given') return asked;
  const { password } = asked;
  if (password === '') return { kind: 'refused', reason: 'the password is empty' };
  // The decoder's mark for bytes that it could not read: the hash would be one of another password.
  if (password.includes('\uFFFD')) return { kind: 'refused', reason: 'the password is not UTF-8' };
  if (isPasswordAcceptable(password)) return asked;
  const reason = `the password is longer than ${passwordBytesMax} bytes or holds NUL`;
  return { kind: 'refused', reason };
}
