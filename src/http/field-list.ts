import { FieldId, type FieldName } from './field-names.ts';

/** In the place of a name that is not there. */
const NOBODY: FieldName = {
  ...{ id: FieldId.other, raw: '', lower: '' },
  ...{ isHopByHop: false, isManaged: false, isPlain: false },
};

/**
 * The fields of one head as offsets into its text: no string is cut before somebody wants it. Phases mark what does not
 * go on (`drop`) and say what comes after (`append`); `write` gives the new canonical lines.
 */
export class FieldList {
  text = '';
  count = 0;
  readonly #names: FieldName[] = [];
  readonly #lineStarts: number[] = [];
  readonly #valueStarts: number[] = [];
  readonly #valueEnds: number[] = [];
  readonly #dropped: boolean[] = [];
  #appended = '';

  reset(text: string): void {
    this.text = text;
    // Between two messages not even the names of strangers are kept; their places are.
    if (text === '') for (let index = 0; index < this.count; index++) this.#names[index] = NOBODY;
    this.count = 0;
    this.#appended = '';
  }

  push(name: FieldName, lineStart: number, valueStart: number, valueEnd: number): void {
    const index = this.count++;
    this.#names[index] = name;
    this.#lineStarts[index] = lineStart;
    this.#valueStarts[index] = valueStart;
    this.#valueEnds[index] = valueEnd;
    this.#dropped[index] = false;
  }

  name(index: number): FieldName {
    const name = this.#names[index];
    if (name === undefined || index >= this.count) throw new RangeError(`no field ${index}`);
    return name;
  }

  value(index: number): string {
    return this.text.slice(this.#valueStarts[index], this.#valueEnds[index]);
  }

  /** Blanks before the line end are no part of a value, but some readers take a tab there for one. */
  hasBlankBehind(index: number): boolean {
    return this.text.charCodeAt(this.#valueEnds[index] ?? 0) !== 0x0d;
  }

  /** The first value of a field by its lower-case name. */
  get(lower: string): string | undefined {
    for (let index = 0; index < this.count; index++) {
      if (this.#names[index]?.lower === lower) return this.value(index);
    }
    return undefined;
  }

  drop(index: number): void {
    this.#dropped[index] = true;
  }

  isDropped(index: number): boolean {
    return this.#dropped[index] === true;
  }

  /** Ready lines, each `Name: value` with its CRLF, written after all others. */
  append(lines: string): void {
    this.#appended += lines;
  }

  /**
   * The lines that go on, then ours. A line that is already canonical (`Name: value`, nothing around) is taken as it
   * stands, and neighbours among those as one slice: the usual head is two or three slices.
   */
  write(): string {
    const { text, count } = this;
    let out = '';
    let runStart = -1;
    let runEnd = -1;
    for (let index = 0; index < count; index++) {
      const name = this.#names[index];
      const lineStart = this.#lineStarts[index] ?? 0;
      const valueStart = this.#valueStarts[index] ?? 0;
      const valueEnd = this.#valueEnds[index] ?? 0;
      if (name === undefined) break;
      const isCanonical =
        valueStart === lineStart + name.raw.length + 2 &&
        text.charCodeAt(valueStart - 1) === 0x20 &&
        text.charCodeAt(valueEnd) === 0x0d;
      if (this.#dropped[index] !== true && isCanonical) {
        if (runEnd !== lineStart) {
          if (runStart >= 0) out += text.slice(runStart, runEnd);
          runStart = lineStart;
        }
        runEnd = valueEnd + 2;
        continue;
      }
      if (runStart >= 0) out += text.slice(runStart, runEnd);
      runStart = -1;
      runEnd = -1;
      if (this.#dropped[index] !== true) {
        out += `${name.raw}: ${text.slice(valueStart, valueEnd)}\r\n`;
      }
    }
    if (runStart >= 0) out += text.slice(runStart, runEnd);
    return out + this.#appended;
  }

  /** Adds the same to a list in which names, in lower case, alternate with values. */
  pushTo(list: string[]): void {
    for (let index = 0; index < this.count; index++) {
      const name = this.#names[index];
      if (name !== undefined && this.#dropped[index] !== true) {
        list.push(name.lower, this.value(index));
      }
    }
    if (this.#appended === '') return;
    for (const line of this.#appended.split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) list.push(line.slice(0, colon).toLowerCase(), line.slice(colon + 2));
    }
  }

  /** The same as pairs, for lanes that do not write text and for people who look. */
  lines(): [name: string, value: string][] {
    const pairs: [string, string][] = [];
    for (const line of this.write().split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) pairs.push([line.slice(0, colon), line.slice(colon + 2)]);
    }
    return pairs;
  }
}
