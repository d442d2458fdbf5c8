import type { Sample } from '../comparison/measure.ts';
import { busyShare, type ScenarioFigures } from '../comparison/run-scenario.ts';
import { median } from '../comparison/statistics.ts';
import type { ResultRow, RoundSample } from './result-file.ts';

type Figure = Exclude<
  keyof RoundSample,
  'wasBusy' | 'coreShare' | 'loadCoreShare' | 'kernelMicrosPerRequest'
>;

/** NaN is no JSON. */
function figureOf(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** With more workers than one nobody is pinned: load and contender share the cores, and it is those that are full or not. */
function wasBusy({ coreShare, loadCoreShare }: Sample, workers: number): boolean {
  if (workers > 1 && loadCoreShare !== null) return loadCoreShare >= busyShare;
  return coreShare >= busyShare * workers;
}

function roundOf(sample: Sample, workers: number): RoundSample {
  const { cpuMicrosPerRequest, p50Ms, p90Ms, p999Ms, p99Ms, requestsPerSecond, rssMiB } = sample;
  return {
    cpuMicrosPerRequest: figureOf(cpuMicrosPerRequest),
    kernelMicrosPerRequest: figureOf(sample.kernelMicrosPerRequest),
    requestsPerSecond: figureOf(requestsPerSecond),
    p50Ms: figureOf(p50Ms),
    p90Ms: figureOf(p90Ms),
    p99Ms: figureOf(p99Ms),
    p999Ms: figureOf(p999Ms),
    rssMiB: figureOf(rssMiB),
    wasBusy: wasBusy(sample, workers),
    coreShare: figureOf(sample.coreShare),
    loadCoreShare: sample.loadCoreShare,
  };
}

/** The middle of what the rounds say; null where they say nothing. */
function medianOf(rounds: readonly RoundSample[], figure: Figure): number | null {
  const values = rounds.flatMap((round) => round[figure] ?? []);
  return values.length === 0 ? null : median(values);
}

/** A row with the medians of its rounds. */
export function rowOf(
  names: Pick<ResultRow, 'scenario' | 'contender' | 'title' | 'connections' | 'note'>,
  rounds: readonly RoundSample[],
): ResultRow {
  return {
    ...names,
    cpuMicrosPerRequest: medianOf(rounds, 'cpuMicrosPerRequest'),
    requestsPerSecond: medianOf(rounds, 'requestsPerSecond'),
    p50Ms: medianOf(rounds, 'p50Ms'),
    p90Ms: medianOf(rounds, 'p90Ms'),
    p99Ms: medianOf(rounds, 'p99Ms'),
    p999Ms: medianOf(rounds, 'p999Ms'),
    rssMiB: medianOf(rounds, 'rssMiB'),
    rounds,
  };
}

/** One for each contender that was asked for, also where nothing could be measured. */
export function rowsOf(figures: ScenarioFigures): ResultRow[] {
  const { kinds, missing, problems, samples, scenario } = figures;
  return kinds.map(({ id, note, title }) => {
    const remedy = missing.get(id);
    const wrong = problems.get(id);
    const notes = [
      ...(remedy === undefined ? [] : [`not installed: ${remedy}`]),
      ...(wrong === undefined ? [] : [`WRONG: ${wrong.join('; ')}`]),
      ...(note === null ? [] : [note]),
    ];
    const rounds = (samples.get(id) ?? []).map((sample) => roundOf(sample, scenario.workers));
    const text = notes.length === 0 ? null : notes.join('. ');
    const { connections, name } = scenario;
    return rowOf({ scenario: name, contender: id, title, connections, note: text }, rounds);
  });
}
