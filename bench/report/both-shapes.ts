import { type ChartShape, narrowShape, wideShape } from './chart-shape.ts';
import { type Markup, markup } from './markup.ts';

/** A chart for a desk and one for a phone, of which a page shows one. */
export function both(chart: (shape: ChartShape, id: string) => Markup, name: string): Markup {
  return markup`<div class="wide">${chart(wideShape, name)}</div><div class="narrow">${chart(narrowShape, `${name}-n`)}</div>`;
}
