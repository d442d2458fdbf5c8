import { type ChartShape, labelWidthOf, wideShape } from './chart-shape.ts';
import { figureText } from './figure-text.ts';
import { type Markup, markup } from './markup.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn as a line at the end of the bar. */
  readonly spread: readonly [number, number] | null;
  readonly isOurs: boolean;
  /** Its core idled: hatched, with a star. */
  readonly wasIdle: boolean;
}

export interface BarChartOptions {
  readonly title: string;
  /** Below the axis: what is drawn, in which unit, and which direction is good. */
  readonly axis: string;
  readonly bars: readonly Bar[];
  /** Puts the styles in, for a file of its own that no page has styles for. */
  readonly isAlone: boolean;
  readonly id: string;
  readonly shape?: ChartShape;
}

const valueWidth = 64;
const barHeight = 18;
const top = 8;
const axisHeight = 46;

/** Colours that differ in lightness too, in a light page and in a dark one (after Okabe and Ito). */
export const chartColours = `
.c-ours{fill:#0062a3}.c-other{fill:#8a8f98}.c-text{fill:#1d2125}.c-soft{fill:#4c535c}.c-grid{stroke:#d5d9de}
.c-line{stroke:#1d2125}.c-mark{fill:#fff}
@media (prefers-color-scheme:dark){.c-ours{fill:#56b4e9}.c-other{fill:#7d838c}.c-text{fill:#eceff2}
.c-soft{fill:#b6bcc5}.c-grid{stroke:#3a4048}.c-line{stroke:#eceff2}.c-mark{fill:#14171a}}`;

/** 1, 2 or 5 times a power of ten, so that there are three to six steps up to the most. */
export function axisStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => most / step <= 6) ?? power;
}

/** Bars from the left, one below the other, each with its label and its value as text. */
export function barChart(options: BarChartOptions): Markup {
  const { axis, bars, id, isAlone, shape = wideShape, title } = options;
  const { isLabelAbove: isAbove, width } = shape;
  const labels = bars.map(({ label, wasIdle }) => `${label}${wasIdle ? ' *' : ''}`);
  const labelWidth = labelWidthOf(labels, shape);
  const rowHeight = isAbove ? 44 : 28;
  const most = Math.max(...bars.map(({ spread, value }) => spread?.[1] ?? value), 1e-9);
  const step = axisStep(most);
  const room = width - labelWidth - valueWidth;
  const x = (value: number): number => labelWidth + (value / most) * room;
  const height = top + bars.length * rowHeight + axisHeight;
  const bottom = top + bars.length * rowHeight;
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const text = bars
    .map(
      ({ label, value, wasIdle }) =>
        `${label}${wasIdle ? ' (not kept busy)' : ''} ${figureText(value)}`,
    )
    .join('; ');
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d" font-family="system-ui,sans-serif" font-size="13">
<title id="${id}-t">${title}</title><desc id="${id}-d">${axis}: ${text}.</desc>${
    isAlone
      ? markup`
<style>${chartColours}</style>`
      : null
  }
<defs><pattern id="${id}-h" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="6" class="c-mark" opacity=".45"/></pattern></defs>
${ticks.map(
  (
    tick,
  ) => markup`<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${top}" y2="${bottom}" class="c-grid"/><text x="${x(tick).toFixed(1)}" y="${bottom + 17}" text-anchor="middle" class="c-soft">${String(Number(tick.toPrecision(6)))}</text>
`,
)}${bars.map((bar, index) => {
    const y = top + index * rowHeight + (isAbove ? 20 : (rowHeight - barHeight) / 2);
    const length = Math.max(1, x(bar.value) - labelWidth).toFixed(1);
    const middle = y + barHeight / 2;
    const end = x(bar.spread?.[1] ?? bar.value);
    return markup`<text x="${isAbove ? 0 : labelWidth - 8}" y="${isAbove ? y - 5 : middle + 4.5}" text-anchor="${isAbove ? 'start' : 'end'}" class="c-text"${bar.isOurs ? markup` font-weight="600"` : null}>${bar.label}${bar.wasIdle ? ' *' : ''}</text><rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2" class="${bar.isOurs ? 'c-ours' : 'c-other'}"/>${bar.wasIdle ? markup`<rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" fill="url(#${id}-h)"/>` : null}${bar.spread === null ? null : markup`<path d="M${x(bar.spread[0]).toFixed(1)} ${middle}H${x(bar.spread[1]).toFixed(1)}M${x(bar.spread[0]).toFixed(1)} ${middle - 4}v8M${x(bar.spread[1]).toFixed(1)} ${middle - 4}v8" class="c-line" fill="none"/>`}<text x="${(end + 8).toFixed(1)}" y="${middle + 4.5}" class="c-text"${bar.isOurs ? markup` font-weight="600"` : null}>${figureText(bar.value)}</text>
`;
  })}<text x="${labelWidth}" y="${bottom + 38}" class="c-soft">${axis}</text>
</svg>`;
}
