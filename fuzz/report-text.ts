import type { CampaignReport } from './campaign.ts';
import type { Finding } from './judging/case-record.ts';

const FINDINGS_SHOWN = 10;

const counts = (title: string, map: ReadonlyMap<string, number>): string =>
  `${title}\n${[...map].map(([name, count]) => `  ${String(count).padStart(9)}  ${name}\n`).join('')}`;

/** What a run came to, for whoever started it. */
export function reportText(report: CampaignReport, missing: readonly string[]): string {
  const { coverage, exitCode, findings, residentBytesMax, socketsLeft, tally } = report;
  return [
    counts('refused because of', coverage.refusals),
    counts('ends of requests', coverage.outcomes),
    counts('failures of upstreams', coverage.upstreamFailures),
    counts('how the gateway left clients, by lane', tally.clientEnds),
    counts('cases by lane', tally.lanes),
    `${tally.cases} cases, ${tally.accepted} requests accepted, ${tally.forwarded} seen by upstreams\n`,
    `gateway: at most ${Math.round(residentBytesMax / 1e6)} MB resident, ${socketsLeft} sockets left, exit code ${String(exitCode)}\n`,
    missing.length === 0 ? '' : `never met: ${missing.join(', ')}\n`,
    ...findings.slice(0, FINDINGS_SHOWN).map(findingText),
    `${findings.length} findings\n`,
  ].join('');
}

function findingText({ index, problem, record }: Finding): string {
  if (record === null) return `case ${index}: ${problem}\n`;
  return `case ${index}: ${problem}\n${JSON.stringify(record, null, 1)}\n`;
}
