import { readFileSync } from 'node:fs';
import { peerAddress } from '../config/address.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { loadConfig } from '../config/load.ts';
import { newSnapshot, withSnapshot } from '../config/read.ts';
import type { Patient } from '../doctor/check.ts';
import { checks } from '../doctor/checks.ts';
import { examine, type Examined } from '../doctor/examine.ts';
import type { SpoofOrder } from '../doctor/spoof-order.ts';
import { systemClock } from '../lib/clock.ts';
import { readDescriptorLimit } from '../lifecycle/descriptor-limit.ts';
import { configPathFrom, readFlagged } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { configurationReport, diagnosisText, reportJson, summaryText } from './doctor-report.ts';

export const doctor: Command = {
  name: 'doctor',
  summary: 'Look for what is wrong around a gateway, and say what to do about it',
  help: `Usage: portcullis doctor [--config FILE] [--json]
       portcullis doctor --through URL [--cookie TEXT] [--listen ADDRESS]
                         [--ca FILE] [--config FILE] [--json]

Looks at a configuration and at what it names: certificates, secrets and who may
read them, Redis (reachable? rights? eviction? persistence?), directories,
upstreams, clocks, the version of Node and the limit on open files. Each finding
says what is wrong, what comes of it and what to do. It changes nothing, and the
gateway need not run. Run it as the user, and with the limits, that the gateway
has.

With --through it also sends requests to a public address, through whatever
stands before the gateway, with identity fields as an attacker would spell them,
and looks whether one of them reaches an upstream. The path of the URL has to
lead to an upstream that shows the request it got: one of your own, a listener
with the endpoint \`echo\`, or doctor itself at the address of --listen.

Options:
  --through URL     where to send spoofed identities
  --cookie TEXT     a Cookie field for them, such as portcullis=…
  --listen ADDRESS  be the upstream there meanwhile, such as 127.0.0.1:9411
  --ca FILE         the authorities that certify the URL, PEM
  --json            print one JSON object
  --config FILE     the file (default: $PORTCULLIS_CONFIG, else the shipped one)
  --help            show this text
  --version         show the version

Exit codes: 0 nothing found, 1 something found, 2 the configuration has problems
(they are printed, and nothing else is looked at), or wrong use.
`,
  run: (args, io) => runDoctor(args, io, {}),
};

/** `facts`: in place of what this process is. */
export async function runDoctor(
  args: readonly string[],
  io: CommandOutput,
  facts: Partial<Pick<Patient, 'clock' | 'descriptorLimit' | 'nodeVersion'>>,
): Promise<number> {
  const read = readFlagged(args, ['config', 'through', 'cookie', 'listen', 'ca'], ['json']);
  if (read.kind === 'wrong') return wrong(io, read.sentence);
  const { flags, values } = read;
  const spoofing = spoofOrderOf(values);
  if (typeof spoofing === 'string') return wrong(io, spoofing);
  const isJson = flags.has('json');
  const path = configPathFrom(values);
  const files = newSnapshot();
  let patient: Patient;
  try {
    patient = {
      config: withSnapshot(files, () => loadConfig(path)),
      files,
      clock: systemClock,
      nodeVersion: process.version,
      descriptorLimit: await readDescriptorLimit(),
      spoofing,
      ...facts,
    };
  } catch (error) {
    if (!(error instanceof ConfigProblems || error instanceof ConfigUnreadable)) throw error;
    if (isJson) io.out(reportJson([configurationReport(path, error)]));
    else io.err(error instanceof ConfigProblems ? error.format() : `${error.message}\n`);
    return 2;
  }
  return await report(patient, isJson, io);
}

async function report(patient: Patient, isJson: boolean, io: CommandOutput): Promise<number> {
  const all: Examined[] = [];
  const isWatched = isJson && process.stderr.isTTY;
  const begin = (name: string, index: number): void => {
    if (isWatched) io.err(`${index + 1} of ${checks.length}: ${name}\n`);
  };
  for await (const one of examine(checks, patient, begin)) {
    all.push(one);
    if (!isJson) io.out(diagnosisText(one)); // each as soon as it is known: that is the progress
  }
  io.out(isJson ? reportJson(all) : summaryText(all));
  return all.some(({ diagnosis }) => diagnosis.kind === 'looked' && diagnosis.findings.length > 0)
    ? 1
    : 0;
}

/** A sentence where it is wrong; null where there is none. */
function spoofOrderOf(values: ReadonlyMap<string, string>): SpoofOrder | string | null {
  const through = values.get('through');
  if (through === undefined) {
    const lone = ['cookie', 'listen', 'ca'].find((name) => values.has(name));
    return lone === undefined ? null : `takes --${lone} only together with --through`;
  }
  const isUrl = URL.canParse(through) && /^https?:$/.test(new URL(through).protocol);
  if (!isUrl) return 'needs a URL after --through, such as https://app.example.org/api/echo';
  const cookie = values.get('cookie') ?? null;
  // Nobody else's field begins where this one ends.
  if (cookie !== null && !/^[\x20-\x7e]*$/.test(cookie)) return 'needs plain text after --cookie';
  const listen = values.get('listen');
  const probe = listen === undefined ? null : peerAddress('127.0.0.1:9411').safeParse(listen);
  if (probe !== null && !probe.success) return 'needs an address after --listen, with a port';
  const ca = values.get('ca');
  let authorities: string | null = null;
  try {
    if (ca !== undefined) authorities = readFileSync(ca, 'utf8');
  } catch {
    return `cannot read ${JSON.stringify(ca)}, which --ca names`;
  }
  return { url: new URL(through), authorities, cookie, probe: probe?.data ?? null };
}

function wrong(io: CommandOutput, sentence: string): number {
  io.err(`portcullis doctor ${sentence}\n`);
  return 2;
}
