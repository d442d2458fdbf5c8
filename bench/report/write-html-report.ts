import { writeFile } from 'node:fs/promises';
import type { BenchResult } from '../results/result-file.ts';
import { extraSections, type Section } from './extra-sections.ts';
import { ratioText } from './figure-text.ts';
import { missedLimits } from './missed-limits.ts';
import { Markup, markup } from './markup.ts';
import { judgedValue } from '../results/judged-value.ts';
import { lostRatios, ratiosTable } from './ratios-table.ts';
import { cpuChart, scenarioSection, sessionsSection } from './scenario-section.ts';
import { headline, scenariosIn, scenarioTitle, sessionsOf } from './scenario-titles.ts';
import { rowsTable } from './rows-table.ts';
import { style } from './style.ts';

/** One page with everything in it: no script, and nothing from elsewhere. */
export async function writeHtmlReport(result: BenchResult, path: string): Promise<void> {
  await writeFile(path, htmlReport(result));
}

export function htmlReport(result: BenchResult): string {
  const sections = sectionsOf(result);
  const day = result.startedAt.slice(0, 10);
  const { commit } = result;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Portcullis, measured on ${day}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<h1>What a request costs: Portcullis beside other gateways</h1>
<p>Measured on ${day}, at commit <code>${commit.slice(0, 12)}</code>${result.machine.hasLocalChanges ? ' with local changes' : ''}, on ${result.machine.cpu}. Figures of another machine say nothing beside these; ratios travel better.</p>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(
  ({ body, id, title }) => markup`<section><h2 id="${id}">${title}</h2>
${body}
</section>
`,
)}</main>
<footer><p class="soft">Made by <code>npm run bench</code> out of one JSON file. Nothing on this page is loaded from elsewhere.</p></footer>
</body>
</html>
`.text;
}

function sectionsOf(result: BenchResult): readonly Section[] {
  const others = scenariosIn(result).filter(
    (name) => name !== headline && sessionsOf(name) === null,
  );
  const curve = sessionsSection(result);
  return [
    ...(result.rows.some(({ scenario }) => scenario === headline) ? [headlineSection(result)] : []),
    { id: 'ratios', title: 'Ratios, and what was promised', body: ratios(result) },
    ...others.map((name) => scenarioSection(result, name)),
    ...(curve === null ? [] : [curve]),
    ...extraSections(result.extra),
    { id: 'missing', title: 'Who is missing', body: missing(result) },
    { id: 'machine', title: 'Machine and versions', body: machine(result) },
    { id: 'configurations', title: 'How everybody was configured', body: configurations(result) },
    { id: 'again', title: 'Measure it yourself', body: again(result) },
  ];
}

function headlineSection(result: BenchResult): Section {
  const rows = result.rows.filter(({ scenario }) => scenario === headline);
  const title = scenarioTitle(headline);
  const { rounds, seconds, sessions } = result.settings;
  return {
    id: headline,
    title,
    body: markup`<figure>${cpuChart(rows, 'c-headline', `${title}: CPU time per request`)}
<figcaption>Median of ${rounds} rounds of ${seconds} s; the thin line is the least and the most of the rounds. CPU time is user and system time of the contender’s whole process tree, from the kernel’s accounting; ${sessions} sessions. Before anybody is timed, its answers are checked: the right identity upstream, a spoofed one removed, an unknown session refused. What has no session check at all (plain NGINX, the relay) is here as a floor.</figcaption></figure>
${rowsTable(title, rows)}`,
  };
}

function ratios(result: BenchResult): Markup {
  const { ratios: all } = result;
  const lost = lostRatios(all);
  const missed = missedLimits(result);
  return markup`<p>A ratio is made within each round, through which everybody goes in turn, with wrk in passes of two seconds where those make up a round, so a machine that slows down favours nobody. Portcullis, which is in every ratio, is measured before every fifth of many others, so its figure is the mean of several measurements where theirs is one: among rare slow seconds the ratio of two equals would be up to 1.01. Less than 1 is in favour of the first.</p>
${ratiosTable(all)}
<h3>Where Portcullis loses</h3>
${lost.length === 0 ? markup`<p>In nothing that was measured in this run.</p>` : markup`<ul>${lost.map((ratio) => markup`<li>${ratio.name}: ${ratioText(judgedValue(ratio))} (${scenarioTitle(ratio.scenario)})</li>`)}</ul>`}
${missed.length === 0 ? null : markup`<h3>Limits that are missed</h3><p>And what stands between, for those of the headline: a relay of octets, which reads nothing and checks nothing, is the floor.</p><ul>${missed.map((note) => markup`<li>${note}</li>`)}</ul>`}`;
}

function missing({ missing: all }: BenchResult): Markup {
  if (all.length === 0) return markup`<p>Nobody: all contenders were installed.</p>`;
  return markup`<p>Not installed on this machine, and so not measured:</p><ul>${all.map(({ command, title }) => markup`<li>${title}: <code>${command}</code></li>`)}</ul>`;
}

function machine({ machine: facts, settings, startedAt, versions }: BenchResult): Markup {
  const lines: readonly (readonly [string, string])[] = [
    ['Processor', facts.cpu],
    ['Cores', String(facts.cores)],
    ['Kernel', facts.kernel],
    ['Node', `${facts.node} (V8 ${facts.v8})`],
    ['Commit', `${facts.commit}${facts.hasLocalChanges ? ', with local changes' : ''}`],
    ['Begun', startedAt],
    ['Cores used', settings.pinning],
    ...Object.entries(versions),
    ...Object.entries(settings.drivers).map(([scenario, driver]): readonly [string, string] => [
      `Load in ${scenario}`,
      driver,
    ]),
  ];
  return markup`<dl>${lines.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function configurations({ configurations: all, rows }: BenchResult): Markup {
  const titles = new Map(rows.map(({ contender, title }) => [contender, title]));
  const entries = Object.entries(all).map(
    ([contender, text]) =>
      markup`<details><summary>${titles.get(contender) ?? contender}</summary><pre tabindex="0">${text}</pre></details>
`,
  );
  return entries.length === 0 ? markup`<p>None were kept.</p>` : markup`${entries}`;
}

function again({ settings }: BenchResult): Markup {
  return markup`<p>On a Linux machine with two cores and nothing else to do, in a clone at this commit:</p>
<pre tabindex="0">npm ci
npm run bench                               # the headline, within five minutes
npm run bench -- --full --rounds ${settings.rounds} --seconds ${settings.seconds} --json mine.json --html mine.html
npm run bench:compare -- before.json after.json   # what changed beyond the noise</pre>
<p>This run: ${settings.only.length === 0 ? 'every contender' : settings.only.join(', ')}; ${settings.scenarios.join(', ')}.</p>`;
}
