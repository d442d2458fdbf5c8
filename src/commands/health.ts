import { request } from 'node:http';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { readAdminAddress } from '../config/read-admin.ts';
import { configPathFrom, readFlagged } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';

/** Container platforms kill what asks for longer. */
const ANSWER_MS = 3_000;

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export const health: Command = {
  name: 'health',
  summary: 'Ask the running gateway whether it may receive traffic',
  help: `Usage: portcullis health [--config FILE] [--live]

Asks the operators' port of this configuration, on this machine, for /readyz and
prints what it says: the health check of containers that have no curl.

Options:
  --config FILE    the file (default: $PORTCULLIS_CONFIG, else the shipped one)
  --live           ask for /livez: whether it runs at all
  --help           show this text
  --version        show the version

Exit codes: 0 it says yes, 1 it says no or nothing, 2 wrong use, or the
configuration has no \`admin\` section.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readFlagged(args, ['config'], ['live']);
  if (read.kind === 'wrong') {
    io.err(`portcullis health ${read.sentence}\n`);
    return 2;
  }
  const place = addressOf(configPathFrom(read.values));
  if ('sentence' in place) {
    io.err(`portcullis health: ${place.sentence}\n`);
    return 2;
  }
  const answer = await ask(place.host, place.port, read.flags.has('live') ? '/livez' : '/readyz');
  if (answer.status === 200) io.out(answer.text);
  else io.err(answer.text);
  return answer.status === 200 ? 0 : 1;
}

function addressOf(config: string): { host: string; port: number } | { sentence: string } {
  try {
    const address = readAdminAddress(config);
    if (address === null) return { sentence: `${config} has no admin section` };
    return { host: anyAddress.has(address.host) ? '127.0.0.1' : address.host, port: address.port };
  } catch (error) {
    if (error instanceof ConfigUnreadable) return { sentence: error.message };
    if (error instanceof ConfigProblems) return { sentence: error.format().trimEnd() };
    throw error;
  }
}

function ask(
  host: string,
  port: number,
  path: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const silent = (reason: string): void =>
      resolve({ status: 0, text: `nothing answers at ${host}:${String(port)}: ${reason}\n` });
    const signal = AbortSignal.timeout(ANSWER_MS);
    const asking = request({ host, port, path, signal, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece: string) => {
        text += piece;
      });
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, text: `${text.trimEnd()}\n` }),
      );
      answer.once('error', (error) => silent(error.message));
    });
    asking.once('error', (error) => silent(error.message));
    asking.end();
  });
}
