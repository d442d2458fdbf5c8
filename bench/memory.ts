import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectionSharesOf } from '../src/lifecycle/descriptor-limit.ts';
import { Interruption } from './command/interruption.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { wholeNumber } from './command/whole-number.ts';
import { describeMachine } from './comparison/machine.ts';
import {
  type ConnectionMemory,
  measureConnections,
  measureTransfers,
  type TransferMemory,
} from './memory/measure-memory.ts';
import { raiseDescriptorLimit } from './processes/descriptor-limit.ts';

// `npm run bench:memory`: what long bodies and idle connections cost in memory.

const help = `usage: npm run bench:memory -- [options]

Measures the gateway's resident memory (VmRSS every 50 ms) during long transfers in both directions,
with receivers that stand still now and then, and with idle connections.

  --mebibytes N     of each transfer (default 1024)
  --connections N   idle connections (default 10000)
  --json FILE       writes the figures, with commit, processor and versions
  --strict          exit code 1 for a missed target
  --help            this text
`;

const mebibyte = 1024 * 1024;
const transferMebibytesMax = 80;
const connectionKibibytesMax = 20;
/** Of the configuration that is measured. */
const upstreamsMax = 1024;
/** The load generator and the upstream hold descriptors of their own; this is for the gateway with some to spare. */
const descriptorsPerConnection = 2;
const sparedDescriptors = 500;

function transferLine({ title, idleBytes, peakBytes }: TransferMemory): string {
  const [idle, peak] = [idleBytes / mebibyte, peakBytes / mebibyte];
  const rise = peak - idle;
  const verdict = rise < transferMebibytesMax ? 'met   ' : 'MISSED';
  const figures = `+${rise.toFixed(1)} MiB (${idle.toFixed(1)} → ${peak.toFixed(1)})`;
  return `  ${verdict} ${title}: ${figures}, less than ${transferMebibytesMax}`;
}

function kibibytesEach({ connections, idleBytes, heldBytes }: ConnectionMemory): number {
  return (heldBytes - idleBytes) / 1024 / connections;
}

function connectionLine(memory: ConnectionMemory): string {
  const { connections, openConnections, idleBytes, heldBytes } = memory;
  const each = kibibytesEach(memory);
  const areAllOpen = openConnections === connections;
  const verdict = areAllOpen && each < connectionKibibytesMax ? 'met   ' : 'MISSED';
  const [idle, held] = [idleBytes / mebibyte, heldBytes / mebibyte];
  const figures = `${each.toFixed(1)} KiB each (${idle.toFixed(1)} → ${held.toFixed(1)} MiB)`;
  const open = areAllOpen ? '' : `, but only ${openConnections} stayed open`;
  return `  ${verdict} ${connections} idle connections: ${figures}, less than ${connectionKibibytesMax}${open}`;
}

/** As many as wanted, or as the limit of descriptors lets a gateway take. */
function possibleConnections(wanted: number): number {
  const limit = raiseDescriptorLimit(wanted * descriptorsPerConnection + sparedDescriptors);
  const possible = Math.min(wanted, connectionSharesOf(limit, upstreamsMax).clients);
  if (possible < wanted) {
    process.stderr.write(
      `With a limit of ${limit} file descriptors (ulimit -n) the gateway takes ${possible} connections, not ${wanted}.\n`,
    );
  }
  return possible;
}

interface MemoryArguments {
  readonly mebibytes: number;
  readonly connections: number;
  readonly jsonPath: string | null;
  readonly isStrict: boolean;
}

async function measure(args: MemoryArguments, signal: AbortSignal): Promise<number> {
  const progress = new Progress(6);
  const { connections } = args;
  const options = {
    bytes: args.mebibytes * mebibyte,
    connections,
    signal,
    onStep: (text: string) => progress.step(text),
  };
  const transfers = await measureTransfers(options);
  const idle = await measureConnections(options);
  progress.end();
  process.stdout.write(
    [
      `Resident memory over idle; transfers of ${args.mebibytes} MiB:`,
      ...transfers.map(transferLine),
      connectionLine(idle),
      '',
    ].join('\n'),
  );
  if (args.jsonPath !== null) {
    const results = { format: 1, machine: describeMachine(), transfers, connections: idle };
    writeFileSync(args.jsonPath, `${JSON.stringify(results, null, 2)}\n`);
  }
  const areMet =
    transfers.every(
      ({ idleBytes, peakBytes }) => peakBytes - idleBytes < transferMebibytesMax * mebibyte,
    ) &&
    idle.openConnections === connections &&
    kibibytesEach(idle) < connectionKibibytesMax;
  return args.isStrict && !areMet ? 1 : 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mebibytes: { type: 'string', default: '1024' },
      connections: { type: 'string', default: '10000' },
      json: { type: 'string' },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync('/proc/self/status')) {
    throw new Error('resident memory is read from /proc, so this measurement needs Linux');
  }
  const args: MemoryArguments = {
    mebibytes: wholeNumber('mebibytes', values.mebibytes, { least: 1, most: 1024 * 1024 }),
    connections: possibleConnections(
      wholeNumber('connections', values.connections, { least: 1, most: 1_000_000 }),
    ),
    jsonPath: values.json ?? null,
    isStrict: values.strict,
  };
  using interruption = new Interruption();
  try {
    return await measure(args, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.stderr.write('\ninterrupted; everything that was started is stopped\n');
    return 130;
  }
}

process.exitCode = await runCommand(main, help);
