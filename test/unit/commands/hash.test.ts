import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hash } from '../../../src/commands/hash.ts';
import { parseArgon2Hash } from '../../../src/passwords/argon2-hash.ts';
import type { Argon2Hash } from '../../../src/passwords/argon2-hash.ts';
import { keyOfArgon2 } from '../../../src/passwords/stored-password.ts';
import { checkHere } from '../../support/keys-here.ts';
import { waitFor, within } from '../../support/wait-for.ts';

const program = fileURLToPath(new URL('../../support/hash-process.ts', import.meta.url));

interface Told {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function runWith(input: string | Buffer, ...args: string[]): Promise<Told> {
  const child = spawn(process.execPath, [program, ...args]);
  const told = listenTo(child);
  child.stdin.end(input);
  const [code] = await within('the command to end', once(child, 'close'), 10_000);
  return { ...told, code };
}

function listenTo(child: ChildProcessWithoutNullStreams): { out: string; err: string } {
  const told = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told.err += text;
  });
  // Whoever has read enough may close first.
  child.stdin.on('error', () => {});
  return told;
}

async function runHere(...args: string[]): Promise<Told> {
  let out = '';
  let err = '';
  const code = await hash.run(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

function hashIn(text: string): Argon2Hash {
  const parsed = parseArgon2Hash(text);
  if (parsed.kind === 'refused') throw new Error(`${text} ${parsed.reason}`);
  return parsed.hash;
}

async function matches(password: string, text: string): Promise<boolean> {
  return (await checkHere(password, keyOfArgon2(hashIn(text)))) === 'match';
}

describe('portcullis hash, away from a terminal,', () => {
  test('prints the hash of the first line of its input', async () => {
    for (const input of ['pässwörd 1', 'pässwörd 1\n', 'pässwörd 1\r\nmore\n']) {
      const { code, out, err } = await runWith(input);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[^$\n]+\$[^$\n]+\n$/);
      expect(await matches('pässwörd 1', out.trimEnd())).toBe(true);
    }
  });

  test('salts: the same password gives another hash', async () => {
    const cheap = ['--memory', '8', '--iterations', '1'];
    const [one, other] = await Promise.all([runWith('x', ...cheap), runWith('x', ...cheap)]);
    expect(one.out).not.toBe(other.out);
  });

  test('takes the cost from its options', async () => {
    const { out } = await runWith('x', '--memory=1024', '--iterations=3', '--parallelism=4');
    expect(hashIn(out.trimEnd()).cost).toEqual({ memoryKib: 1024, iterations: 3, parallelism: 4 });
  });

  test.each([
    ['nothing', '', 'empty'],
    ['an empty line', '\nsecond\n', 'empty'],
    ['a password with NUL', 'a\0b\n', 'NUL'],
    ['a password that is too long', 'x'.repeat(5_000_000), 'longer'],
    ['what is not UTF-8', Buffer.from([0x70, 0xe4, 0x0a]), 'UTF-8'],
  ])('refuses %s', async (_claim, input, word) => {
    const { code, out, err } = await runWith(input);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^portcullis hash: the password [^\n]+\n$/);
    expect(err).toContain(word);
  });
});

describe('portcullis hash', () => {
  test.each([
    [['--memory', '7']],
    [['--memory', '1000000000']],
    [['--memory', '-8']],
    [['--memory', '19.5']],
    [['--memory', '']],
    [['--memory']],
    [['--iterations', '0']],
    [['--iterations', '1000']],
    [['--parallelism', '17']],
    [['--parallelism', '1e1']],
    [['--memory', '262144', '--iterations', '5']],
    [['--cost', '3']],
    [['-x']],
  ])('refuses %j', async (args) => {
    const { code, out, err } = await runHere(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^portcullis hash: [^\n]+\n$/);
  });

  test('refuses a password on the command line, and does not repeat it', async () => {
    for (const args of [['hunter2'], ['--', 'hunter2'], ['--hunter2'], ['--password=hunter2']]) {
      const { code, err } = await runHere(...args);
      expect(code).toBe(2);
      expect(err).not.toContain('hunter2');
    }
  });
});

/** The same, on a pseudo-terminal that `script` (a part of every Debian) makes for it. */
function onTerminal(): { child: ChildProcessWithoutNullStreams; told: { out: string } } {
  const command = '"$NODE" "$PROGRAM" --memory 8 --iterations 1; code=$?; stty -a; exit $code';
  const child = spawn('script', ['-q', '-e', '-c', command, '/dev/null'], {
    env: { ...process.env, NODE: process.execPath, PROGRAM: program, SHELL: '/bin/sh' },
  });
  return { child, told: listenTo(child) };
}

describe.runIf(process.platform === 'linux')('portcullis hash, on a terminal,', () => {
  test('asks twice without echo, and puts the terminal back, also after Ctrl-C', async () => {
    for (const [second, end, wanted] of [
      ['s3cret word', '\r', 0],
      ['an0ther', '\r', 1],
      ['s3cret', '\u0003', 130],
    ] as const) {
      const { child, told } = onTerminal();
      const closed = once(child, 'close');
      await waitFor('the first prompt', () => told.out.includes('Password: '), 10_000);
      child.stdin.write('s3crettt\u007F\u007F word\r');
      await waitFor('the second prompt', () => told.out.includes('Once more: '), 10_000);
      child.stdin.write(second + end);
      const [code] = await within('the command to end', closed, 10_000);
      expect(code, told.out).toBe(wanted);
      expect(told.out).not.toMatch(/s3cr|an0ther/);
      // Settings that are on stand without a dash.
      expect(told.out).toMatch(/\sicanon\s/);
      expect(told.out).toMatch(/\secho\s/);
      const text = /\$argon2id\$[^\s]+/.exec(told.out)?.[0];
      expect(text === undefined).toBe(wanted !== 0);
      if (text !== undefined) expect(await matches('s3cret word', text)).toBe(true);
    }
  });
});
