import { NodeReader } from '../../test/support/differential/node-reader.ts';
import type { RequestReading } from '../../test/support/differential/reading.ts';
import type { AccessLine } from '../gateway/access-lines.ts';
import { valuesOf } from '../reading/message-text.ts';
import type { SeenRequest } from '../upstream/upstream-link.ts';
import type { CaseRecord } from './case-record.ts';
import { expectedTarget, leadsBehindGuard } from './path-readings.ts';

/** What the gateway writes itself; everything else has to come from the client. */
export const OWN: ReadonlySet<string> = new Set([
  ...['host', 'x-request-id', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'],
  ...[
    'x-userinfo',
    'content-length',
    'transfer-encoding',
    'cookie',
    'connection',
    'upgrade',
    'traceparent',
  ],
]);
const NEVER =
  /^(?:te|trailer|keep-alive|proxy|proxy-connection|proxy-authorization|proxy-authenticate|forwarded|x-real-ip|x-original-(?:url|uri|method)|x-rewrite-url|expect|http2-settings|x-forwarded-(?!for$|proto$|host$).*|true-client-ip|client-ip|authorization)$/;
const RETRIED = new Set(['GET', 'HEAD', 'OPTIONS']);
/** The gateway's own word for an upstream that failed; no script says it. */
const FAILED = new Set([502, 503, 504]);

const nodeReader = new NodeReader();

/** An answer of an upstream's went out: it must have been asked. */
const isTurnedAway = ({ status, user }: AccessLine): boolean => status === 401 && user === null;

export const isAnswered = (line: AccessLine): boolean =>
  line.upstream !== null && line.outcome === 'ok' && !FAILED.has(line.status);

/** What is wrong with the requests of a case, by the access log, the upstreams, and Node's reading of what was said. */
export function judgeRequests(record: CaseRecord): string[] {
  const problems = judgeForwarding(record);
  const byId = new Map(record.lines.map((line, at) => [line.requestId, at]));
  const said =
    record.case.kind === 'http2'
      ? null
      : nodeReader.read(Buffer.from(record.case.text, 'latin1')).requests;
  if (said !== null) problems.push(...judgeCount(record.lines, said));
  for (const seen of record.seen) {
    const at = byId.get(seen.requestId);
    const line = at === undefined ? undefined : record.lines[at];
    if (line === undefined) continue; // `judgeForwarding` says so
    problems.push(...judgeFields(seen, line, record.case.hasSession));
    const request = said?.[at ?? -1];
    if (request !== undefined) problems.push(...judgeAgainst(seen, request));
  }
  return problems;
}

/** The ids that upstreams saw are those of which the access log says so, each once, or twice where a retry is harmless. */
function judgeForwarding({ lines, seen }: CaseRecord): string[] {
  const problems: string[] = [];
  const counts = new Map<string, number>();
  for (const { requestId } of seen) counts.set(requestId, (counts.get(requestId) ?? 0) + 1);
  for (const line of lines) {
    const count = counts.get(line.requestId) ?? 0;
    counts.delete(line.requestId);
    if (count > 0 && line.upstream === null)
      problems.push(`${line.requestId} was not to be forwarded`);
    // A session that ends while the server is connected to is out of it: 401, and nothing was sent.
    if (count === 0 && isAnswered(line) && !isTurnedAway(line))
      problems.push(`${line.requestId} was answered by nobody`);
    if (count > (RETRIED.has(line.method) ? 2 : 1))
      problems.push(`${line.requestId} was sent ${count} times`);
  }
  for (const id of counts.keys())
    problems.push(`an upstream saw ${id}, which the access log does not know`);
  return problems;
}

function judgeCount(lines: readonly AccessLine[], said: readonly RequestReading[]): string[] {
  const accepted = lines.filter(
    ({ outcome, path }) => path !== '' && !outcome.startsWith('refused:'),
  ).length;
  return accepted > said.length
    ? [`${accepted} requests were accepted, and Node reads ${said.length}`]
    : [];
}

function judgeFields(seen: SeenRequest, line: AccessLine, hasSession: boolean): string[] {
  const problems: string[] = [];
  for (const [name] of seen.fields) {
    if (!/^[a-z0-9-]+$/.test(name)) problems.push(`a field ${name}, which is an alias of another`);
    if (NEVER.test(name)) problems.push(`a field ${name}, which is no client's to send`);
  }
  const users = valuesOf(seen.fields, 'x-userinfo');
  if (
    users.length !== (line.user === null ? 0 : 1) ||
    users.some((value) => value.includes('forged'))
  ) {
    problems.push(`identity ${JSON.stringify(users)} for the user ${String(line.user)}`);
  }
  for (const name of ['host', 'x-forwarded-proto'] as const) {
    if (valuesOf(seen.fields, name).length !== 1) problems.push(`not one ${name}`);
  }
  if (valuesOf(seen.fields, 'cookie').some((value) => /(?:^|;)\s*fuzz=/.test(value))) {
    problems.push('our own cookie went on');
  }
  const isUpgrade = valuesOf(seen.fields, 'upgrade').length > 0;
  if (isUpgrade !== valuesOf(seen.fields, 'connection').length > 0)
    problems.push('half an upgrade');
  if (line.user !== null && !hasSession) problems.push(`the user ${line.user} without a session`);
  if (line.user === null && leadsBehindGuard(seen.target)) {
    problems.push(`${seen.target} without a session`);
  }
  return problems;
}

/** What an upstream saw against what Node reads at the same place of what the client said. */
function judgeAgainst(seen: SeenRequest, request: RequestReading): string[] {
  const problems: string[] = [];
  if (seen.method !== request.method) problems.push(`${seen.method} was ${request.method}`);
  if (seen.target !== expectedTarget(request.target)) {
    problems.push(`${seen.target} was ${JSON.stringify(request.target)}`);
  }
  if (seen.isWhole && !request.isWhole)
    problems.push('a whole body that Node does not see the end of');
  if (seen.isWhole ? seen.body !== request.body : !request.body.startsWith(seen.body)) {
    problems.push(`another body: ${JSON.stringify(seen.body.slice(0, 60))}`);
  }
  const said = new Set<string>();
  for (let at = 0; at < request.fields.length; at += 2) {
    said.add(`${(request.fields[at] ?? '').toLowerCase()}: ${request.fields[at + 1] ?? ''}`);
  }
  for (const [name, value] of seen.fields) {
    if (!OWN.has(name) && !said.has(`${name}: ${value}`))
      problems.push(`nobody said ${name}: ${value}`);
  }
  return problems;
}
