import type { BanOrder } from '../admin/control-order.ts';
import type { Ban } from '../users/login-throttle.ts';
import { readArguments } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { askGateway } from './control-client.ts';

export const bans: Command = {
  name: 'bans',
  summary: 'Show who has to wait after failed logins, and let them try again',
  help: `Usage: portcullis bans list [options]
       portcullis bans clear --account NAME [options]
       portcullis bans clear --address ADDRESS [options]
       portcullis bans clear --everybody yes [options]

Asks the running gateway, over its control socket, who has to wait after failed
logins: at all its workers, and with sessions in Redis at all nodes (while Redis
is out: at this one). \`list\` prints one line for each account, address or
network that has used up its attempts: kind, name, seconds until the next one.
Accounts are named in the one spelling under which they are counted; an account
with a network behind it is one at a place where it has logged in before.

Options:
  --account NAME       this account may try again
  --address ADDRESS    this address (of IPv6 its /64 and /48) may try again
  --everybody yes      everybody may try again
  --config FILE        the configuration that the gateway runs with (default:
                       $PORTCULLIS_CONFIG, else the shipped one)
  --socket PATH        its control socket, in place of the one named there
  --help               show this text

Exit codes: 0 done, 1 no gateway was reached, 2 wrong use.
`,
  run,
};

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const [deed, ...rest] = args;
  const own = deed === 'clear' ? ['account', 'address', 'everybody'] : [];
  if (deed !== 'list' && deed !== 'clear') return wrong(io, 'expected list or clear');
  const read = readArguments(rest, [...own, 'config', 'socket']);
  if (read.kind === 'wrong') return wrong(io, `${deed} ${read.sentence}`);
  const order = deed === 'list' ? ({ deed: 'bans' } as const) : clearingIn(read.values);
  if (order === null) {
    return wrong(io, 'clear needs one of --account NAME, --address ADDRESS and --everybody yes');
  }
  const asked = await askGateway(read.values, order);
  if (asked.kind === 'unreached') return notDone(io, asked.sentence);
  const { answer } = asked;
  if (answer.kind !== 'done') return notDone(io, answer.sentence);
  io.out(textOf(answer.value));
  return 0;
}

function notDone(io: CommandOutput, sentence: string): number {
  io.err(`portcullis bans: ${sentence}\n`);
  return 1;
}

function wrong(io: CommandOutput, sentence: string): number {
  io.err(`portcullis bans: ${sentence}\n`);
  return 2;
}

function clearingIn(values: ReadonlyMap<string, string>): BanOrder | null {
  const [account, address] = [values.get('account'), values.get('address')];
  const everybody = values.get('everybody');
  if ([account, address, everybody].filter((one) => one !== undefined).length !== 1) return null;
  const deed = 'clearBans';
  if (account !== undefined) return { deed, whom: { account } };
  if (address !== undefined) return { deed, whom: { address } };
  return everybody === 'yes' ? { deed, whom: 'all' } : null;
}

/** Both ends are of one package. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return (value as readonly Ban[]).map(lineOf).join('');
  return `cleared ${String((value as { readonly cleared: number }).cleared)}\n`;
}

function lineOf({ kind, name, network, waitMs }: Ban): string {
  const words = [kind, name, ...(network === null ? [] : ['from', network])];
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return `${words.filter((word) => word !== '').join(' ')} ${String(seconds)}s\n`;
}
