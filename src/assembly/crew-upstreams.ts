import { upstreamsTogether, type UpstreamsReport } from '../admin/upstreams-report.ts';
import type { AskedWorker } from './ask-workers.ts';

/** A worker that does not answer by then is left out: the counts of states say how many are spoken for. */
const ANSWER_MS = 2_000;

/** What all workers that take traffic know of the servers behind. */
export async function crewUpstreams(crew: {
  readonly serving: readonly AskedWorker[];
}): Promise<UpstreamsReport> {
  const asked = crew.serving.map(({ link }) => link.ask('upstreams', null, ANSWER_MS));
  return upstreamsTogether((await Promise.all(asked)).filter(isReport));
}

function isReport(answer: unknown): answer is UpstreamsReport {
  return typeof answer === 'object' && answer !== null && 'upstreams' in answer;
}
