import { html, type Markup } from './html.ts';

const width = 150;
const height = 32;

/** A small picture of the last values, the newest at the right; `label` says the same to whoever does not see it. */
export function sparkline(
  values: readonly (number | null)[],
  most: number,
  label: string,
  kind: 'line' | 'bars',
): Markup {
  const shown = values.slice(-width);
  const heightOf = (value: number): number => (value / Math.max(most, 1e-9)) * (height - 3);
  const points = shown.flatMap((value, index): (readonly [x: number, y: number])[] =>
    value === null ? [] : [[width - shown.length + index, height - 1.5 - heightOf(value)]],
  );
  const body =
    kind === 'bars'
      ? points.map(
          ([x, y]) => html`<line x1="${x}" x2="${x}" y1="${height}" y2="${rounded(y)}"></line>`,
        )
      : points.length > 1 &&
        html`<polyline
          points="${points.map(([x, y]) => `${String(x)},${rounded(y)}`).join(' ')}"
        ></polyline>`;
  return html`<svg
    class="spark"
    viewBox="0 0 ${width} ${height}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${body}
  </svg>`;
}

function rounded(value: number): string {
  return value.toFixed(1);
}
