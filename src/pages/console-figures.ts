import type { ConsoleState, RateSample } from './console-state.ts';
import type { ConsoleTextName, ConsoleTexts } from './console-texts.ts';
import { html, type Markup } from './html.ts';
import { sparkline } from './sparkline.ts';

interface Tile {
  readonly name: ConsoleTextName;
  readonly value: string;
  readonly note: ConsoleTextName;
  /** Null: there is no picture of it. */
  readonly values: readonly (number | null)[] | null;
  readonly kind?: 'line' | 'bars';
  readonly unit?: string;
}

/** One number is a jumpy thing. */
const averaged = 5;

/** The numbers at the top. */
export function figuresSection(state: ConsoleState, texts: ConsoleTexts): Markup {
  const { nodes, rates, sessions } = state;
  const { samples } = rates;
  const streams = nodes.reduce((sum, node) => sum + node.streams, 0);
  const lastEnd = samples.findLast(({ propagationMs }) => propagationMs !== null)?.propagationMs;
  const tiles: readonly Tile[] = [
    rateTile('requests', samples, ({ requestsPerSecond }) => requestsPerSecond, texts),
    rateTile('errors', samples, ({ errorsPerSecond }) => errorsPerSecond, texts),
    {
      name: 'propagation',
      value: typeof lastEnd === 'number' ? `${texts.number(lastEnd)} ms` : '–',
      note: typeof lastEnd === 'number' ? 'lastOne' : 'noPropagation',
      values: samples.map(({ propagationMs }) => propagationMs),
      kind: 'bars',
      unit: ' ms',
    },
    {
      name: 'sessions',
      value: sessions.total === null ? '–' : texts.number(sessions.total),
      note: 'inStore',
      values: null,
    },
    { name: 'streams', value: texts.number(streams), note: 'onNodes', values: null },
  ];
  return html`<dl class="tiles">${tiles.map((tile) => tileOf(tile, texts))}</dl>`;
}

function rateTile(
  name: ConsoleTextName,
  samples: readonly RateSample[],
  read: (sample: RateSample) => number,
  texts: ConsoleTexts,
): Tile {
  const values = samples.map(read);
  const last = values.slice(-averaged);
  const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
  const value = last.length === 0 ? '–' : texts.number(mean);
  return { name, value, note: 'latest', values, kind: 'line', unit: '/s' };
}

function tileOf({ kind, name, note, unit, value, values }: Tile, texts: ConsoleTexts): Markup {
  const most = Math.max(0, ...(values ?? []).map((one) => one ?? 0));
  const label = texts.say('lastMinutes', { most: `${texts.number(most)}${unit ?? ''}` });
  return html`<div class="tile">
    <dt>${texts.say(name)}</dt>
    <dd>
      <span class="value">${value}</span>
      <span class="faint under">${texts.say(note)}</span>
      ${values !== null && sparkline(values, most, `${texts.say(name)}: ${label}`, kind ?? 'line')}
    </dd>
  </div>`;
}
