import { axisStep } from './bar-chart.ts';
import { type ChartShape, wideShape } from './chart-shape.ts';
import { figureText } from './figure-text.ts';
import { type Markup, markup } from './markup.ts';

export interface LinePoint {
  /** What stands below it. */
  readonly label: string;
  readonly value: number;
  readonly spread: readonly [number, number] | null;
}

export interface LineChartOptions {
  readonly title: string;
  readonly across: string;
  readonly axis: string;
  readonly points: readonly LinePoint[];
  readonly id: string;
  readonly shape?: ChartShape;
}

const height = 260;
const left = 50;
const right = 40;
const top = 26;
const bottom = 206;

/** One line from zero up; the points stand at equal distances, since each is ten times the one before. */
export function lineChart(options: LineChartOptions): Markup {
  const { across, axis, id, points, shape = wideShape, title } = options;
  const { width } = shape;
  const most = Math.max(...points.map(({ spread, value }) => spread?.[1] ?? value)) * 1.1;
  const step = axisStep(most);
  const x = (index: number): number =>
    left + 40 + (index / Math.max(1, points.length - 1)) * (width - left - right - 80);
  const y = (value: number): number => bottom - (value / most) * (bottom - top);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const text = points.map(({ label, value }) => `${label}: ${figureText(value)}`).join('; ');
  const path = points.map(({ value }, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d" font-family="system-ui,sans-serif" font-size="13">
<title id="${id}-t">${title}</title><desc id="${id}-d">${axis}, ${across}: ${text}.</desc>
<text x="4" y="14" class="c-soft">${axis}</text>
${ticks.map(
  (
    tick,
  ) => markup`<line x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}" class="c-grid"/><text x="${left - 8}" y="${(y(tick) + 4.5).toFixed(1)}" text-anchor="end" class="c-soft">${String(Number(tick.toPrecision(6)))}</text>
`,
)}<polyline points="${path.join(' ')}" fill="none" class="c-line" stroke-width="1.5"/>
${points.map(
  (
    { label, spread, value },
    index,
  ) => markup`${spread === null ? null : markup`<path d="M${x(index).toFixed(1)} ${y(spread[0]).toFixed(1)}V${y(spread[1]).toFixed(1)}" class="c-line"/>`}<circle cx="${x(index).toFixed(1)}" cy="${y(value).toFixed(1)}" r="6" class="c-ours"/><text x="${(x(index) + 10).toFixed(1)}" y="${(y(value) - 9).toFixed(1)}" class="c-text" font-weight="600">${figureText(value)}</text><text x="${x(index).toFixed(1)}" y="${bottom + 18}" text-anchor="middle" class="c-soft">${label}</text>
`,
)}<text x="${(left + width - right) / 2}" y="${bottom + 42}" text-anchor="middle" class="c-soft">${across}</text>
</svg>`;
}
