import { existsSync, writeFileSync } from 'node:fs';
import { systemClock } from '../src/lib/clock.ts';
import { inTemporaryFolder } from './command/in-temporary-folder.ts';
import { Progress } from './command/progress.ts';
import { runCommand } from './command/run-command.ts';
import { describeMachine } from './comparison/machine.ts';
import { benchHelp, type BenchOptions, parseBenchOptions } from './comparison/options.ts';
import { ratiosOf } from './comparison/ratios.ts';
import { plannedSeconds, runScenario } from './comparison/run-scenario.ts';
import { plannedSessionSeconds, runSessions } from './comparison/session-scenarios.ts';
import { versionsHere } from './comparison/versions.ts';
import { kindOf } from './contenders/catalogue.ts';
import { measureExtras, plannedExtraSeconds } from './extras/full-extras.ts';
import { planCores } from './processes/core-plan.ts';
import { writeHtmlReport } from './report/write-html-report.ts';
import type { BenchResult, ExtraFigures, ResultRow } from './results/result-file.ts';
import { rowsOf } from './results/result-rows.ts';
import { renderRatios, renderScenario } from './results/result-text.ts';

// `npm run bench`: Portcullis beside NGINX, HAProxy, Caddy and proxies in Node.

/** What is known so far. */
interface Findings {
  readonly rows: ResultRow[];
  readonly configurations: Record<string, string>;
  readonly drivers: Record<string, string>;
  readonly missing: Map<string, string>;
  /** Somebody answered wrong. */
  hasProblems: boolean;
  extra: ExtraFigures;
}

function plannedFor({ isFull, planned, rounds, seconds, sizes }: BenchOptions): number {
  const timing = { rounds, seconds };
  return (
    planned.reduce((sum, { ids }) => sum + plannedSeconds(ids, timing), 0) +
    plannedSessionSeconds(sizes, timing) +
    (isFull ? plannedExtraSeconds : 0)
  );
}

function resultOf(options: BenchOptions, startedAt: string, findings: Findings): BenchResult {
  const { only, planned, rounds, seconds, sessions } = options;
  const machine = describeMachine();
  const { configurations, drivers, extra, missing, rows } = findings;
  const names = [
    ...new Set([
      ...planned.map(({ scenario }) => scenario.name),
      ...rows.map(({ scenario }) => scenario),
    ]),
  ];
  return {
    ...{ machine, commit: machine.commit, startedAt },
    settings: {
      ...{ rounds, seconds, sessions, only, drivers, scenarios: names },
      pinning: planCores().explanation,
    },
    ...{ versions: versionsHere(), configurations, rows, ratios: ratiosOf(rows), extra },
    missing: [...missing].map(([contender, command]) => ({
      ...{ contender, command, title: kindOf(contender).title },
    })),
  };
}

function write(path: string | null, result: BenchResult): void {
  if (path !== null) writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

async function bench(
  options: BenchOptions,
  directory: string,
  signal: AbortSignal,
): Promise<number> {
  const { htmlPath, isFull, jsonPath, planned, rounds, seconds, sessions, sizes } = options;
  const startedAt = new Date(systemClock.now()).toISOString();
  const progress = new Progress(plannedFor(options));
  progress.say(`about ${Math.ceil(plannedFor(options) / 60)} min`);
  const run = { rounds, seconds, sessions, directory, progress, signal };
  const findings: Findings = {
    ...{ rows: [], configurations: {}, drivers: {}, missing: new Map() },
    ...{ hasProblems: false, extra: {} },
  };
  for (const { ids, scenario } of planned) {
    const figures = await runScenario(scenario, ids, run);
    const rows = rowsOf(figures);
    findings.rows.push(...rows);
    Object.assign(findings.configurations, {
      ...Object.fromEntries(figures.configurations),
      ...findings.configurations,
    });
    findings.drivers[scenario.name] = figures.driver;
    for (const [id, command] of figures.missing) findings.missing.set(id, command);
    if (figures.problems.size > 0) findings.hasProblems = true;
    progress.end();
    process.stdout.write(renderScenario(scenario.title, figures.driver, rows, figures.pinning));
    // A long run that somebody interrupts has not been for nothing.
    write(jsonPath, resultOf(options, startedAt, findings));
  }
  if (sizes.length > 0) {
    const { report, rows } = await runSessions(sizes, run);
    findings.rows.push(...rows);
    findings.extra = { ...findings.extra, memory: { figures: report.figures } };
    progress.end();
    const { explanation } = report.cores;
    process.stdout.write(renderScenario('many sessions', 'a driver of its own', rows, explanation));
  }
  if (isFull) {
    findings.extra = { ...findings.extra, ...(await measureExtras(run)) };
    progress.end();
  }
  const result = resultOf(options, startedAt, findings);
  const { commit, cpu, kernel, node } = result.machine;
  process.stdout.write(
    `${renderRatios(result.ratios)}\n${cpu}, ${kernel}, node ${node}, commit ${commit.slice(0, 12)}; ` +
      `${rounds} rounds of ${seconds} s, ${sessions} sessions\n`,
  );
  for (const { command, title } of result.missing) {
    process.stdout.write(`not installed: ${title} (${command})\n`);
  }
  write(jsonPath, result);
  if (htmlPath !== null) await writeHtmlReport(result, htmlPath);
  const isMissed = result.ratios.some(({ isMet, limit }) => limit !== null && isMet !== true);
  return findings.hasProblems || (options.isStrict && isMissed) ? 1 : 0;
}

async function main(): Promise<number> {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.isHelp) {
    process.stdout.write(benchHelp);
    return 0;
  }
  if (!existsSync('/proc/self/stat')) {
    throw new Error('CPU time is read from /proc, so the benchmark needs Linux');
  }
  return await inTemporaryFolder('bench', (directory, signal) => bench(options, directory, signal));
}

process.exitCode = await runCommand(main, benchHelp);
