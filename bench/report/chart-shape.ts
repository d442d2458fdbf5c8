/** Beside the bars there is room for labels on a desk; on a phone they stand above them. */
export interface ChartShape {
  readonly width: number;
  /** 0: labels stand above. */
  readonly labelWidth: number;
}

export const wideShape: ChartShape = { width: 720, labelWidth: 265 };
export const narrowShape: ChartShape = { width: 350, labelWidth: 0 };
