import { parseArgs } from 'node:util';
import { costProblem, defaultCost } from '../passwords/argon2-cost.ts';
import type { Argon2Cost } from '../passwords/argon2-cost.ts';
import { hashPassword } from '../passwords/hash-password.ts';
import { askPassword, interruptedCode } from './ask-password.ts';
import type { Command, CommandOutput } from './command.ts';

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

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const cost = readCost(args);
  if (typeof cost === 'string') {
    io.err(`portcullis hash: ${cost}\n`);
    return 2;
  }
  const asked = await askPassword(io);
  if (asked.kind === 'interrupted') return interruptedCode;
  if (asked.kind === 'refused') {
    io.err(`portcullis hash: ${asked.reason}\n`);
    return 1;
  }
  // On this thread: nothing else runs in this process that it could hold up.
  io.out(`${hashPassword(asked.password, cost)}\n`);
  return 0;
}

/** The cost that the options ask for, or what is wrong with them in one sentence. */
function readCost(args: readonly string[]): Argon2Cost | string {
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
  const cost: Argon2Cost = {
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
