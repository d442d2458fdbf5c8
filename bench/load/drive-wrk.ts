import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadJob, type LoadResult, refusals } from './load-job.ts';
import { runTool } from './run-tool.ts';

/** Requests are made once, before the load: a thread of wrk hands them out in turn. */
function scriptFor(job: LoadJob): string {
  const { bodyBytes, cookies } = job;
  const field = (cookie: string | undefined): string =>
    cookie === undefined ? '' : `["Cookie"]=${JSON.stringify(cookie)}`;
  const method = bodyBytes === undefined ? 'GET' : 'POST';
  const all: readonly (string | undefined)[] = cookies.length === 0 ? [undefined] : cookies;
  // A body that is in each of them must not be there a thousand times.
  const some = bodyBytes === undefined ? all : all.slice(0, 64);
  return `
local requests = {}
local turn = 0
function init(args)
  local body = ${bodyBytes === undefined ? 'nil' : `string.rep("b", ${bodyBytes})`}
${some
  .map(
    (cookie) =>
      `  requests[#requests + 1] = wrk.format("${method}", ${JSON.stringify(job.path)}, {Host="127.0.0.1:${job.port}",${field(cookie)}}, body)`,
  )
  .join('\n')}
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("\\nRESULT %d %d %d %d %d %d %d %d\\n", summary.duration, summary.requests,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9)))
end
`;
}

/**
 * One run of wrk: for contenders that autocannon could not keep busy. It tells only how many answers were above 399, so
 * those that a refusal is expected of are counted by that.
 */
export async function driveWrk(job: LoadJob): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-wrk-'));
  try {
    const script = join(folder, 'requests.lua');
    await writeFile(script, scriptFor(job));
    const scheme = job.isSecure ? 'https' : 'http';
    const output = await runTool('wrk', [
      ...['-t', '1', '-c', String(job.connections), '-d', `${Math.ceil(job.durationSeconds)}s`],
      ...['-s', script, `${scheme}://127.0.0.1:${job.port}${job.path}`],
    ]);
    const figures = /RESULT ([\d ]+)/.exec(output)?.[1]?.split(' ').map(Number);
    if (figures === undefined) throw new Error(`wrk said nothing: ${output}`);
    const [micros = NaN, requests = NaN, refused = NaN, errors = NaN, ...percentiles] = figures;
    const [p50Ms = NaN, p90Ms = NaN, p99Ms = NaN, p999Ms = NaN] = percentiles.map(
      (each) => each / 1000,
    );
    return {
      durationSeconds: micros / 1e6,
      statuses: {
        ...(requests > refused && { 200: requests - refused }),
        ...(refused > 0 && { [refusals]: refused }),
      },
      errors,
      ...{ p50Ms, p90Ms, p99Ms, p999Ms },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
