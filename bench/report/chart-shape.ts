/** Beside the bars there is room for labels on a desk; on a phone they stand above them. */
export interface ChartShape {
  readonly width: number;
  readonly isLabelAbove: boolean;
}

export const wideShape: ChartShape = { width: 720, isLabelAbove: false };
export const narrowShape: ChartShape = { width: 350, isLabelAbove: true };

/** Of a letter, at the size of the labels, where it is bold. */
const letterWidth = 7.6;

/** Room for the longest label; 0 where they stand above. */
export function labelWidthOf(labels: readonly string[], { isLabelAbove }: ChartShape): number {
  if (isLabelAbove) return 0;
  const longest = Math.max(...labels.map(({ length }) => length));
  return Math.round(Math.min(360, Math.max(160, longest * letterWidth + 16)));
}
