import type { ExtraFigures } from '../results/result-file.ts';
import { barChart, type Bar } from './bar-chart.ts';
import { both } from './both-shapes.ts';
import { figureText } from './figure-text.ts';
import { at, listAt, numberAt, textAt } from './known-figures.ts';
import { type Markup, markup } from './markup.ts';
import { scrolling } from './rows-table.ts';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** Sections of what other commands measured; those that are not in the file are left out. */
export function extraSections(extra: ExtraFigures): readonly Section[] {
  return [
    coherence(extra.coherence),
    storm(extra.storm),
    memory(extra.memory),
    startUp(extra.startUp),
    systemCalls(extra.systemCalls),
  ].filter((section) => section !== null);
}

function missing(id: string, title: string, reason: string): Section {
  return { id, title, body: markup`<p>Not measured here: ${reason}</p>` };
}

function bar(label: string, value: number | null, isOurs: boolean): readonly Bar[] {
  return value === null ? [] : [{ label, value, isOurs, spread: null, wasIdle: false }];
}

function coherence(value: unknown): Section | null {
  const names = ['coherence', 'Coherence: until the last worker knows of a logout'] as const;
  if (value === undefined) return null;
  const reason = textAt(value, 'missing');
  if (reason !== null) return missing(...names, reason);
  const at_ = (name: string): number | null => numberAt(value, 'figures', 'sinceSentMs', name);
  const plus = numberAt(value, 'nginxPlusSyncMs') ?? 1_000;
  const bars = [
    ...bar('Portcullis, p50', at_('p50'), true),
    ...bar('Portcullis, p99', at_('p99'), true),
    ...bar('Portcullis, the slowest', at_('max'), true),
    ...bar('NGINX Plus, as documented', plus, false),
  ];
  const count = at_('count');
  const axis = 'milliseconds; less is better';
  const title = 'Time until no worker of any node accepts an ended session';
  return {
    id: names[0],
    title: names[1],
    body: markup`<figure>${both((shape, id) => barChart({ id, title, axis, bars, shape, isAlone: false }), 'coherence')}
<figcaption>From the moment when the logout was sent${count === null ? '' : `, ${figureText(count)} of them under load`}. NGINX Plus is not measured: its key-value zones are synchronised once a second unless told otherwise, and until then another node answers from what it knew.</figcaption></figure>`,
  };
}

function storm(value: unknown): Section | null {
  const names = ['storm', 'Login storm: what it does to those who are logged in'] as const;
  if (value === undefined) return null;
  const reason = textAt(value, 'missing');
  if (reason !== null) return missing(...names, reason);
  const row = (label: string, key: string): Markup =>
    markup`<tr><th scope="row">${label}</th>${['p50Ms', 'p99Ms', 'faults'].map((name) => markup`<td>${figureText(numberAt(value, 'figures', key, name))}</td>`)}</tr>`;
  const rate = numberAt(value, 'figures', 'plan', 'loginsPerSecond');
  const table = markup`<table><thead><tr><th scope="col">requests with a session</th><th scope="col">p50 ms</th><th scope="col">p99 ms</th><th scope="col">failed</th></tr></thead><tbody>${row('with nobody logging in', 'quiet')}${row(rate === null ? 'during the storm' : `during ${figureText(rate)} logins a second`, 'storm')}</tbody></table>`;
  return { id: names[0], title: names[1], body: scrolling('Login storm', table) };
}

function memory(value: unknown): Section | null {
  const figures = listAt(value, 'figures').filter((one) => numberAt(one, 'heapBytesEach') !== null);
  if (figures.length === 0) return null;
  const rows = figures.map(
    (one) =>
      markup`<tr><th scope="row">${figureText(numberAt(one, 'sessions'))}</th><td>${figureText(numberAt(one, 'heapBytesEach'))}</td><td>${figureText(numberAt(one, 'externalBytesEach'))}</td></tr>`,
  );
  const table = markup`<table><thead><tr><th scope="col">sessions</th><th scope="col">heap, bytes each</th><th scope="col">outside the heap, bytes each</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'memory',
    title: 'Memory per session',
    body: scrolling('Memory per session', table),
  };
}

function startUp(value: unknown): Section | null {
  const reason = textAt(value, 'missing');
  if (reason !== null) return missing('start-up', 'Start-up', reason);
  // As `npm run bench:start` writes it, or as a part of a longer run.
  const stores = [...listAt(value, 'stores'), ...listAt(value, 'figures', 'stores')];
  if (stores.length === 0) return null;
  const rows = stores.map(
    (one) =>
      markup`<tr><th scope="row">${textAt(one, 'store')}</th><td>${figureText(numberAt(one, 'firstAnswerMs'))}</td><td>${figureText(numberAt(one, 'limits', 'firstAnswerMs'))}</td><td>${figureText(numberAt(one, 'rssMiB'))}</td><td>${figureText(numberAt(one, 'limits', 'rssMiB'))}</td></tr>`,
  );
  const table = markup`<table><thead><tr><th scope="col">sessions in</th><th scope="col">first answer, ms</th><th scope="col">at most</th><th scope="col">resident when idle, MiB</th><th scope="col">at most</th></tr></thead><tbody>${rows}</tbody></table>`;
  return {
    id: 'start-up',
    title: 'Start-up: one worker, compiled sources kept from the start before',
    body: scrolling('Start-up', table),
  };
}

function systemCalls(value: unknown): Section | null {
  if (value === undefined) return null;
  const names = ['system-calls', 'System calls per request'] as const;
  const reason = textAt(value, 'missing');
  if (reason !== null) return missing(...names, reason);
  const bars = listAt(value, 'figures').flatMap((one) => {
    const contender = textAt(one, 'contender') ?? '';
    return bar(
      textAt(one, 'title') ?? contender,
      numberAt(one, 'perRequest'),
      contender.startsWith('portcullis'),
    );
  });
  if (bars.length === 0) return null;
  const title = 'System calls for each authenticated small GET';
  const axis = 'calls; less is better';
  const rows = listAt(value, 'figures').map((one) => {
    const calls = Object.entries(Object(at(one, 'byName')) as Readonly<Record<string, unknown>>)
      .map(([name, count]) => `${name} ${figureText(Number(count))}`)
      .join(', ');
    return markup`<li>${textAt(one, 'title')}: ${calls}</li>`;
  });
  return {
    id: names[0],
    title: names[1],
    body: markup`<figure>${both((shape, id) => barChart({ id, title, axis, bars, shape, isAlone: false }), 'calls')}</figure><ul class="note">${rows}</ul>`,
  };
}
