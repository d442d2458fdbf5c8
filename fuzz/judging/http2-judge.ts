import { ANSWER_MARK, caseOfMark, STRAY } from '../cases/answer-mark.ts';
import type { Http2Case, Http2Request } from '../cases/fuzz-case.ts';
import { TURN_FIELD } from '../cases/http2-cases.ts';
import { FrameFlag, FrameType, readFrames } from '../http2/frames.ts';
import { readBlock } from '../http2/hpack.ts';
import { valuesOf, type Fields } from '../reading/message-text.ts';
import { NodeResponseReader } from '../reading/node-response.ts';
import type { SeenRequest } from '../upstream/upstream-link.ts';
import type { CaseRecord } from './case-record.ts';
import { expectedTarget } from './path-readings.ts';
import { isAnswered, OWN } from './request-judge.ts';

const nodeReader = new NodeResponseReader();

interface StreamReading {
  readonly heads: Fields[];
  body: string;
  isWhole: boolean;
}

/** What is wrong with the answers of a case on HTTP/2, and with the requests that upstreams saw of it. */
export function judgeHttp2(record: CaseRecord, one: Http2Case): string[] {
  let streams;
  try {
    streams = readStreams(record.received.text);
  } catch (error) {
    // A client that spoils its settings may have asked for a codec that this one is not.
    return one.isSpoilt ? [] : [`the client cannot read its answers: ${String(error)}`];
  }
  const problems: string[] = [];
  for (const [stream, reading] of streams) {
    problems.push(...judgeMarks(reading, one.index));
    if (!one.isSpoilt) problems.push(...judgeStream(record, stream, reading));
  }
  if (!one.isSpoilt) {
    for (const seen of record.seen) problems.push(...judgeRequest(seen, one.requests));
  }
  return problems;
}

function readStreams(text: string): Map<number, StreamReading> {
  const streams = new Map<number, StreamReading>();
  for (const { flags, payload, stream, type } of readFrames(Buffer.from(text, 'latin1'))) {
    if (type !== FrameType.headers && type !== FrameType.body) continue;
    const reading = streams.get(stream) ?? { heads: [], body: '', isWhole: false };
    streams.set(stream, reading);
    if (type === FrameType.body) reading.body += payload.toString('latin1');
    else reading.heads.push(readBlock(payload));
    if ((flags & FrameFlag.endStream) !== 0) reading.isWhole = true;
  }
  return streams;
}

function judgeMarks({ heads }: StreamReading, index: number): string[] {
  const problems: string[] = [];
  for (const fields of heads) {
    for (const mark of valuesOf(fields, ANSWER_MARK)) {
      const whose = caseOfMark(mark);
      if (whose >= 0 && whose !== index) problems.push(`an answer to the case ${whose}`);
    }
    for (const [name, value] of fields) {
      if (/^x[^a-z0-9]userinfo$/.test(name)) problems.push(`${name} in an answer`);
      if (name === 'set-cookie' && /^(?:__host-|__secure-)?fuzz=evil/i.test(value)) {
        problems.push('our cookie, set by an upstream');
      }
    }
  }
  return problems;
}

function judgeStream(record: CaseRecord, stream: number, reading: StreamReading): string[] {
  const turn = String((stream - 1) / 2);
  const seen = record.seen.findLast(({ fields }) => valuesOf(fields, TURN_FIELD)[0] === turn);
  const line = record.lines.find(({ requestId }) => requestId === seen?.requestId);
  const head = reading.heads.findLast((fields) => Number(valuesOf(fields, ':status')[0]) >= 200);
  if (seen === undefined || line === undefined || head === undefined) return [];
  const status = Number(valuesOf(head, ':status')[0]);
  if (status !== line.status) return [`${status}, and ${line.status} in the log`];
  if (!isAnswered(line)) return [];
  const { final } = nodeReader.read(seen.said, seen.method, seen.script?.end === 'fin');
  if (final?.status !== status) return [`${status}, which Node reads as ${String(final?.status)}`];
  if (!final.isWhole) return ['an answer that is whole here and is none to Node'];
  if (valuesOf(head, ANSWER_MARK)[0] === STRAY && !final.fields.includes(STRAY)) {
    return ['an answer that nobody gave'];
  }
  if (!reading.isWhole || seen.method === 'HEAD') return [];
  return final.body === reading.body ? [] : ['another body than Node reads'];
}

/** What an upstream saw against what was said on the stream. */
function judgeRequest(seen: SeenRequest, requests: readonly Http2Request[]): string[] {
  const request = requests[Number(valuesOf(seen.fields, TURN_FIELD)[0] ?? -1)];
  if (request === undefined) return ['a request of none of the streams'];
  const problems: string[] = [];
  const [method = ''] = valuesOf(request.fields, ':method');
  const [path = ''] = valuesOf(request.fields, ':path');
  if (seen.method !== method) problems.push(`${seen.method} was ${method}`);
  if (seen.target !== expectedTarget(path))
    problems.push(`${seen.target} was ${JSON.stringify(path)}`);
  if (seen.isWhole ? seen.body !== request.body : !request.body.startsWith(seen.body)) {
    problems.push(`another body: ${JSON.stringify(seen.body.slice(0, 60))}`);
  }
  const said = new Set(request.fields.map(([name, value]) => `${name}: ${value}`));
  for (const [name, value] of seen.fields) {
    if (!OWN.has(name) && !said.has(`${name}: ${value}`))
      problems.push(`nobody said ${name}: ${value}`);
  }
  return problems;
}
