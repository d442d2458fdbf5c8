/** A place in a text; the first line and the first column are 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}
