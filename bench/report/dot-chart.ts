import { type ChartShape, labelWidthOf, wideShape } from './chart-shape.ts';
import { figureText } from './figure-text.ts';
import { type Markup, markup } from './markup.ts';

export interface DotRow {
  readonly label: string;
  readonly isOurs: boolean;
  /** What is not there is left out. */
  readonly dots: readonly { readonly name: string; readonly value: number }[];
}

export interface DotChartOptions {
  readonly title: string;
  readonly axis: string;
  readonly rows: readonly DotRow[];
  readonly id: string;
  readonly shape?: ChartShape;
}

const right = 24;
const top = 6;
const axisHeight = 46;

/** A line for each row, a dot for each percentile, on a logarithmic axis: tails are many times the middle. */
export function dotChart(options: DotChartOptions): Markup {
  const { axis, id, rows, shape = wideShape, title } = options;
  const { isLabelAbove: isAbove, width } = shape;
  const labels = rows.map(({ label }) => label);
  const labelWidth = isAbove ? 16 : labelWidthOf(labels, shape) + 8;
  const rowHeight = isAbove ? 58 : 40;
  const values = rows.flatMap(({ dots }) => dots.map(({ value }) => value)).filter((v) => v > 0);
  const low = Math.floor(Math.log10(Math.min(...values)) * 2) / 2;
  const high = Math.max(low + 0.5, Math.ceil(Math.log10(Math.max(...values)) * 2) / 2);
  const room = width - labelWidth - right;
  const x = (value: number): number =>
    labelWidth + ((Math.log10(value) - low) / (high - low)) * room;
  const bottom = top + rows.length * rowHeight;
  const ticks = [-3, -2, -1, 0, 1, 2, 3, 4]
    .flatMap((power) => [1, 3].map((times) => times * 10 ** power))
    .filter((tick) => Math.log10(tick) >= low - 0.03 && Math.log10(tick) <= high + 0.03);
  const text = rows
    .map(
      ({ dots, label }) =>
        `${label} ${dots.map(({ name, value }) => `${name} ${figureText(value)}`).join(', ')}`,
    )
    .join('; ');
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + axisHeight}" role="img" aria-labelledby="${id}-t ${id}-d" font-family="system-ui,sans-serif" font-size="13">
<title id="${id}-t">${title}</title><desc id="${id}-d">${axis}: ${text}.</desc>
${ticks.map(
  (
    tick,
  ) => markup`<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${top}" y2="${bottom}" class="c-grid"/><text x="${x(tick).toFixed(1)}" y="${bottom + 17}" text-anchor="middle" class="c-soft">${String(Number(tick.toPrecision(6)))}</text>
`,
)}${rows.map(({ dots, isOurs, label }, index) => {
    const y = top + index * rowHeight + (isAbove ? 42 : 24);
    const class_ = isOurs ? 'c-ours' : 'c-other';
    const places = dots.map(({ value }) => x(value));
    let labelledTo = 0;
    return markup`<text x="${isAbove ? 0 : labelWidth - 12}" y="${isAbove ? y - 28 : y + 4.5}" text-anchor="${isAbove ? 'start' : 'end'}" class="c-text"${isOurs ? markup` font-weight="600"` : null}>${label}</text><line x1="${Math.min(...places).toFixed(1)}" x2="${Math.max(...places).toFixed(1)}" y1="${y}" y2="${y}" class="c-grid" stroke-width="4"/>${dots.map(
      ({ name, value }) => {
        const place = x(value);
        const isRoom = place - labelledTo > 42;
        if (isRoom) labelledTo = place;
        return markup`<circle cx="${place.toFixed(1)}" cy="${y}" r="6" class="${class_}"/>${isRoom ? markup`<text x="${place.toFixed(1)}" y="${y - 11}" text-anchor="middle" font-size="11" class="c-soft">${name}</text>` : null}`;
      },
    )}
`;
  })}<text x="${isAbove ? 0 : labelWidth}" y="${bottom + 38}" class="c-soft">${axis}</text>
</svg>`;
}
