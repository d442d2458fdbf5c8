import type { TextPlace } from './text-place.ts';

/** One thing that is wrong with a configuration file. No part of it ever quotes a secret. */
export interface ConfigProblem {
  /** Such as `listeners.edge.routes[2].upstream`; empty for the file as a whole. */
  readonly path: string;
  /** 1 for the first. */
  readonly line: number;
  /** 1 for the first. */
  readonly column: number;
  /** What is wrong, as the end of a sentence that begins with the path. */
  readonly message: string;
  /** What would be right. */
  readonly expected: string;
}

/** Everything that is wrong with a configuration file, in the order of the file. */
export class ConfigProblems extends Error {
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(`${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`);
    this.name = 'ConfigProblems';
    this.file = file;
    this.problems = problems;
  }

  /** One problem a line: `file:line:column: path: what is wrong; what would be right`. */
  format(): string {
    return this.problems
      .map(({ path, line, column, message, expected }) => {
        const subject = path === '' ? '' : `${path}: `;
        return `${this.file}:${line}:${column}: ${subject}${message}; ${expected}\n`;
      })
      .join('');
  }
}

export type ConfigPath = readonly (string | number)[];

/** Where on the page a path is. */
export interface PlaceLookup {
  placeOf(path: ConfigPath, part: 'key' | 'value'): TextPlace;
}

/** Gathers problems while a configuration is checked, so that all of them are said at once. */
export class ProblemList {
  readonly #places: PlaceLookup;
  readonly #problems: ConfigProblem[] = [];

  constructor(places: PlaceLookup) {
    this.#places = places;
  }

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  add(path: ConfigPath, message: string, expected: string, part: 'key' | 'value' = 'value'): void {
    this.addAt(this.#places.placeOf(path, part), path, message, expected);
  }

  addAt(place: TextPlace, path: ConfigPath, message: string, expected: string): void {
    this.#problems.push({ path: formatPath(path), ...place, message, expected });
  }

  /** Whether something was already said about a value or anything inside it. */
  hasWithin(path: ConfigPath): boolean {
    const outer = formatPath(path);
    return this.#problems.some(
      ({ path: inner }) => inner.startsWith(outer) && /^(?:$|[.[])/.test(inner.slice(outer.length)),
    );
  }

  /**
   * Keeps only what stands before a line: after it, a reader that lost the thread imagines things.
   */
  forgetFrom(line: number): void {
    const kept = this.#problems.filter((problem) => problem.line < line);
    this.#problems.splice(0, this.#problems.length, ...kept);
  }

  toSorted(): readonly ConfigProblem[] {
    return this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}

export function formatPath(path: ConfigPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z_][\w-]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
