import { closestWord } from '../lib/closest-word.ts';
import { catalogue } from './catalogue.ts';
import type { CommandOutput } from './command.ts';
import { packageVersion } from './package-root.ts';

/** Runs what the command line asks for; returns the exit code. */
export async function runCommandLine(args: readonly string[], io: CommandOutput): Promise<number> {
  const [word, ...rest] = args;
  if (word === '--version') return say(io, `${packageVersion()}\n`);
  if (word === '--help' || word === '-h' || word === 'help') return say(io, help());
  if (word === undefined) {
    io.err(help());
    return 2;
  }
  const entry = catalogue.find(({ name }) => name === word);
  if (entry === undefined) {
    io.err(`portcullis: ${unknownWord(word)}\n`);
    return 2;
  }
  if (rest.includes('--version')) return say(io, `${packageVersion()}\n`);
  const command = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) return say(io, command.help);
  return command.run(rest, io);
}

function say(io: CommandOutput, text: string): number {
  io.out(text);
  return 0;
}

function help(): string {
  const shown = catalogue.filter(({ isHidden }) => isHidden !== true);
  const width = Math.max(...shown.map(({ name }) => name.length));
  const lines = shown.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}\n`);
  return `Usage: portcullis COMMAND [options]

An authenticating edge gateway.

Commands:
${lines.join('')}
Options:
  --help       show this text, or after a command that command's
  --version    show the version
`;
}

function unknownWord(word: string): string {
  const names = catalogue.flatMap(({ name, isHidden }) => (isHidden === true ? [] : [name]));
  const kind = word.startsWith('-') ? 'option' : 'command';
  const closest = closestWord(word.replace(/^-+/, ''), names);
  const hint =
    closest === undefined
      ? `expected one of ${names.join(', ')}, --help and --version`
      : `did you mean ${closest}?`;
  return `there is no ${kind} ${JSON.stringify(word)}; ${hint}`;
}
