import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import type { AdminConfig } from '../config/admin.ts';
import { loadConfig } from '../config/load.ts';
import { askGateway, type AdminAnswer } from './admin-client.ts';
import { configPathFrom, readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';

export const bans: Command = {
  name: 'bans',
  summary: 'Show who has to wait after failed logins, and let them try again',
  help: `Usage: portcullis bans list [--config FILE]
       portcullis bans clear --account NAME [--config FILE]
       portcullis bans clear --address ADDRESS [--config FILE]
       portcullis bans clear --everybody yes [--config FILE]

Asks the running gateway at the operators' port that its configuration names.
\`list\` prints one line for each account, address or network that has used up
its attempts: kind, name, seconds until the next attempt. Accounts are named in
the one spelling under which they are counted; an account with a network behind
it is one at a place where it has logged in before.

Options:
  --account NAME       this account may try again
  --address ADDRESS    this address (of IPv6 its /64) may try again
  --everybody yes      everybody may try again
  --config FILE        default: $PORTCULLIS_CONFIG, else the shipped file
  --help               show this text

Exit codes: 0 done, 1 no gateway answers, 2 wrong use.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const [deed, ...rest] = args;
  const names = deed === 'clear' ? ['account', 'address', 'everybody', 'config'] : ['config'];
  if (deed !== 'list' && deed !== 'clear') return wrong(io, 'expected list or clear');
  const read = readArguments(rest, names);
  if (read.kind === 'wrong') return wrong(io, `${deed} ${read.sentence}`);
  const { values } = read;
  const body = deed === 'clear' ? whomIn(values) : null;
  if (deed === 'clear' && body === null) {
    return wrong(io, 'clear needs one of --account NAME, --address ADDRESS and --everybody yes');
  }
  const admin = adminOf(configPathFrom(values));
  if (typeof admin === 'string') {
    io.err(`portcullis bans: ${admin}\n`);
    return 1;
  }
  const answer = await (body === null
    ? askGateway(admin, '/bans')
    : askGateway(admin, '/bans/clear', body));
  return tell(answer, io);
}

function wrong(io: CommandOutput, sentence: string): number {
  io.err(`portcullis bans: ${sentence}\n`);
  return 2;
}

function whomIn(values: ReadonlyMap<string, string>): object | null {
  const [account, address] = [values.get('account'), values.get('address')];
  const everybody = values.get('everybody');
  if ([account, address, everybody].filter((one) => one !== undefined).length !== 1) return null;
  if (account !== undefined) return { account };
  if (address !== undefined) return { address };
  return everybody === 'yes' ? { all: true } : null;
}

/** Where the gateway is asked; a sentence where that cannot be told. */
function adminOf(path: string): AdminConfig | string {
  try {
    const { admin } = loadConfig(path);
    return admin ?? `${path} has no admin section, so the gateway cannot be asked`;
  } catch (error) {
    if (error instanceof ConfigUnreadable) return error.message;
    if (error instanceof ConfigProblems) return `${path} has problems; see \`portcullis check\``;
    throw error;
  }
}

function tell(answer: AdminAnswer, io: CommandOutput): number {
  if (answer.kind === 'failed') {
    io.err(`portcullis bans: ${answer.reason}\n`);
    return 1;
  }
  const { value } = answer;
  const fields = new Map<string, unknown>(
    Object.entries(typeof value === 'object' && value !== null ? value : {}),
  );
  const listed = fields.get('bans');
  if (Array.isArray(listed)) {
    for (const one of listed) io.out(`${lineOf(one)}\n`);
    return 0;
  }
  io.out(`cleared ${String(fields.get('cleared'))}\n`);
  return 0;
}

function lineOf(ban: unknown): string {
  const fields = new Map<string, unknown>(
    Object.entries(typeof ban === 'object' && ban !== null ? ban : {}),
  );
  const network = fields.get('network');
  const name = String(fields.get('name'));
  const place = typeof network === 'string' ? ` from ${network}` : '';
  const seconds = Math.max(1, Math.ceil(Number(fields.get('waitMs')) / 1000));
  return `${String(fields.get('kind'))} ${name}${place} ${seconds}s`.replace(/  +/g, ' ');
}
