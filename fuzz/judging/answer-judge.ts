import { ANSWER_MARK, caseOfMark, STRAY } from '../cases/answer-mark.ts';
import type { AccessLine } from '../gateway/access-lines.ts';
import { valuesOf } from '../reading/message-text.ts';
import { NodeResponseReader } from '../reading/node-response.ts';
import type { SeenRequest } from '../upstream/upstream-link.ts';
import { acceptOf } from '../upstream/web-socket-accept.ts';
import type { CaseRecord } from './case-record.ts';
import { readResponses, type ClientResponse } from './client-reading.ts';
import { isAnswered } from './request-judge.ts';

const nodeReader = new NodeResponseReader();

/** What is wrong with the answers of a case on HTTP/1.1. */
export function judgeAnswers(record: CaseRecord): string[] {
  const { received, seen } = record;
  const problems = seen.flatMap(judgeReuse);
  const answered = record.lines.filter(({ status }) => status > 0);
  const isOver = received.end === 'fin';
  let reading;
  try {
    reading = readResponses(
      received.text,
      answered.map(({ method }) => method),
      isOver,
    );
  } catch (error) {
    return [...problems, `the client cannot read its answers: ${String(error)}`];
  }
  const { responses } = reading;
  if (reading.isSwitched && !seen.some(isAgreed))
    problems.push('a tunnel that no upstream agreed to');
  for (const one of seen) {
    if (one.tunnel !== '' && valuesOf(one.fields, 'upgrade').length > 0 && !isAgreed(one)) {
      problems.push('octets in a tunnel that was not agreed to');
    }
  }
  if (responses.length > answered.length) {
    problems.push(`${responses.length} answers to ${answered.length} requests`);
  }
  const isPatient = isWaiting(record);
  const owed = answered.filter(isOwed).length;
  if (isPatient && responses.length < owed && !reading.isSwitched) {
    problems.push(`${responses.length} answers reached the client, ${owed} are in the log`);
  }
  for (const [at, response] of responses.entries()) {
    const line = answered[at];
    if (line === undefined) continue;
    problems.push(...judgeMarks(response, record, line));
    if (response.status !== line.status)
      problems.push(`${response.status}, and ${line.status} in the log`);
    if (isPatient && line.outcome === 'ok' && !response.isWhole)
      problems.push('an answer that is cut short');
    problems.push(...judgeAgainstUpstream(response, line, seen));
  }
  const last = answered.at(-1);
  if (
    reading.rest !== '' &&
    !reading.isSwitched &&
    isPatient &&
    (last === undefined || last.outcome === 'ok')
  ) {
    problems.push(`octets behind the last answer: ${JSON.stringify(reading.rest.slice(0, 60))}`);
  }
  return problems;
}

/** Who resets, or says goodbye over TLS (RFC 5246 §7.2.1), is owed nothing of what was under way. */
function isWaiting({ case: one, received }: CaseRecord): boolean {
  if (one.door === 'secure' && one.leaving !== 'hold') return false;
  return one.leaving !== 'reset' && received.end !== 'reset';
}

/** The upstream has proved that it speaks WebSocket with whoever has sent the key. */
function isAgreed({ fields, said }: SeenRequest): boolean {
  const accept = acceptOf(valuesOf(fields, 'sec-websocket-key')[0] ?? '');
  return (
    said.startsWith('HTTP/1.1 101 ') && said.includes(`\r\nSec-WebSocket-Accept: ${accept}\r\n`)
  );
}

/** One that broke off may have done so before its first octet went out. */
const isOwed = ({ outcome, upstream }: AccessLine): boolean =>
  outcome === 'ok' || (outcome.startsWith('refused:') && upstream === null);

/** Whose answer it is, and that it says nothing that only we may say. */
function judgeMarks({ fields }: ClientResponse, record: CaseRecord, line: AccessLine): string[] {
  const problems: string[] = [];
  for (const mark of valuesOf(fields, ANSWER_MARK)) {
    const whose = caseOfMark(mark);
    if (whose >= 0 && whose !== record.case.index) problems.push(`an answer to the case ${whose}`);
    if (mark === STRAY && !isStrayMeant(line, record.seen))
      problems.push('an answer that nobody gave');
  }
  for (const [name, value] of fields) {
    if (/^x[^a-z0-9]userinfo$/.test(name)) problems.push(`${name} in an answer`);
    if (name === 'set-cookie' && /^(?:__host-|__secure-)?fuzz=evil/i.test(value)) {
      problems.push('our cookie, set by an upstream');
    }
  }
  return problems;
}

/** A 1xx in front of what else would have been a body makes an answer of it. */
function isStrayMeant(line: AccessLine, seen: readonly SeenRequest[]): boolean {
  const asked = seen.findLast(({ requestId }) => requestId === line.requestId);
  if (asked === undefined) return false;
  const { final } = nodeReader.read(asked.said, asked.method, true);
  return final?.fields.some((text, at) => at % 2 === 1 && text === STRAY) === true;
}

/** What the client got of an upstream's answer is what Node reads of it. */
function judgeAgainstUpstream(
  response: ClientResponse,
  line: AccessLine,
  seen: readonly SeenRequest[],
): string[] {
  if (!isAnswered(line)) return [];
  const asked = seen.findLast(({ requestId }) => requestId === line.requestId);
  if (asked === undefined) return [];
  const { final } = nodeReader.read(asked.said, asked.method, asked.script?.end === 'fin');
  if (final === null) return [`${response.status} of an answer that Node cannot read`];
  if (final.status !== response.status)
    return [`${response.status}, which Node reads as ${final.status}`];
  if (!final.isWhole) return ['an answer that is whole here and is none to Node'];
  if (!response.isWhole || asked.method === 'HEAD') return [];
  return final.body === response.body ? [] : ['another body than Node reads'];
}

/** A connection is used again only behind an answer that was whole, with nothing behind it. */
function judgeReuse(seen: SeenRequest): string[] {
  if (!seen.isFollowed || seen.script === null) return [];
  const { final, hasExcess } = nodeReader.read(seen.said, seen.method, false);
  if (final?.isWhole !== true) return ['a connection was used again behind half an answer'];
  if (hasExcess) return ['a connection was used again behind octets that were too many'];
  return final.isKept ? [] : ['a connection was used again that was to be closed'];
}
