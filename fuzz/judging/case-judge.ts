import { judgeAnswers } from './answer-judge.ts';
import type { CaseRecord } from './case-record.ts';
import { judgeHttp2 } from './http2-judge.ts';
import { judgeRequests } from './request-judge.ts';

/** All that is wrong with what came of a case. */
export function judgeCase(record: CaseRecord): string[] {
  const { case: one, received } = record;
  const problems = judgeRequests(record);
  problems.push(...(one.kind === 'http2' ? judgeHttp2(record, one) : judgeAnswers(record)));
  if (received.end === 'stuck') problems.push('the gateway neither answers nor goes');
  if (received.end === 'unconnected') problems.push('the gateway takes no connection');
  return problems;
}
