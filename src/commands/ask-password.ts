import type { Readable } from 'node:stream';
import { isPasswordAcceptable, passwordBytesMax } from '../passwords/password.ts';
import type { CommandOutput } from './command.ts';
import { readHiddenLines } from './hidden-lines.ts';

/** As shells report a program that Ctrl-C ended: 128 and the number of SIGINT. */
export const interruptedCode = 130;

export type AskedPassword =
  | { readonly kind: 'given'; readonly password: string }
  /** The reason is a sentence without the password. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'interrupted' };

/**
 * Asks for a new password: twice and without echo at a terminal; elsewhere it is the first line of
 * standard input.
 */
export async function askPassword(io: CommandOutput): Promise<AskedPassword> {
  const { stdin } = process;
  return checked(stdin.isTTY ? await askTwice(io) : await readFirstLine(stdin));
}

async function askTwice(io: CommandOutput): Promise<AskedPassword> {
  // Prompts go where errors go, so that `portcullis hash > file` writes the hash alone.
  const say = (text: string): void => io.err(text);
  const asked = await readHiddenLines(process.stdin, say, ['Password: ', 'Once more: ']);
  if (asked.kind === 'interrupted') return asked;
  const [first = '', second = ''] = asked.lines;
  if (first !== second) return { kind: 'refused', reason: 'the two passwords differ' };
  return { kind: 'given', password: first };
}

async function readFirstLine(input: Readable): Promise<AskedPassword> {
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
function checked(asked: AskedPassword): AskedPassword {
  if (asked.kind !== 'given') return asked;
  const { password } = asked;
  if (password === '') return { kind: 'refused', reason: 'the password is empty' };
  // The decoder's mark for bytes that it could not read: the hash would be one of another password.
  if (password.includes('\uFFFD')) return { kind: 'refused', reason: 'the password is not UTF-8' };
  if (isPasswordAcceptable(password)) return asked;
  const reason = `the password is longer than ${passwordBytesMax} bytes or holds NUL`;
  return { kind: 'refused', reason };
}
