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

interface FoundProblem {
  readonly path: ConfigPath;
  readonly place: TextPlace;
  readonly message: string;
  readonly expected: string;
}

/** Gathers problems while a configuration is checked, so that all of them are said at once. */
export class ProblemList {
  readonly #places: PlaceLookup;
  #found: FoundProblem[] = [];

  constructor(places: PlaceLookup) {
    this.#places = places;
  }

  get isEmpty(): boolean {
    return this.#found.length === 0;
  }

  add(path: ConfigPath, message: string, expected: string, part: 'key' | 'value' = 'value'): void {
    this.addAt(this.#places.placeOf(path, part), path, message, expected);
  }

  addAt(place: TextPlace, path: ConfigPath, message: string, expected: string): void {
    this.#found.push({ path, place, message, expected });
  }

  /** Whether something was already said about a value or anything inside it. */
  hasWithin(outer: ConfigPath): boolean {
    return this.#found.some(({ path }) => outer.every((step, depth) => path[depth] === step));
  }

  /**
   * Keeps only what stands before a line: after it, a reader that lost the thread imagines things.
   */
  forgetFrom(line: number): void {
    this.#found = this.#found.filter(({ place }) => place.line < line);
  }

  toSorted(): readonly ConfigProblem[] {
    return this.#found
      .map(({ path, place, message, expected }) => ({
        path: formatPath(path),
        ...place,
        message,
        expected,
      }))
      .toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}

/** Sections that hold secrets: what stands there, in the right place or not, is never quoted. */
export const hiddenSections: ReadonlySet<unknown> = new Set(['tokens', 'directories']);

function formatPath(path: ConfigPath): string {
  let text = '';
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (isHidden(path, depth)) text += '["…"]';
    else if (!/^[A-Za-z_][\w-]*$/.test(step)) text += `[${shortened(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/**
 * `{secret:word}` is one key for YAML, and so is a secret on a line of its own: among secrets only
 * what looks like the name of an option is shown, and the names of directories.
 */
function isHidden(path: ConfigPath, depth: number): boolean {
  if (!hiddenSections.has(path[0])) return false;
  const form = path[0] === 'directories' && depth === 1 ? /^[\w-]{1,64}$/ : /^[A-Za-z]{1,20}$/;
  return !form.test(String(path[depth]));
}

function shortened(key: string): string {
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
}
