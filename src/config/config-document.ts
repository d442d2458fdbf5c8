import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair, ParsedNode, Scalar, YAMLError } from 'yaml';
import type { ConfigPath, PlaceLookup } from './config-problems.ts';
import { ProblemList } from './config-problems.ts';
import { interpolate } from './interpolation.ts';
import type { Environment } from './read.ts';
import { syntaxFault } from './syntax-faults.ts';
import type { TextPlace } from './text-place.ts';

/** Deeper or larger is no configuration; aliases of aliases can grow to anything. */
const depthMax = 32;
const nodesMax = 200_000;

interface Offsets {
  readonly path: ConfigPath;
  readonly key: number | null;
  readonly value: number;
}

/** A scalar that took something from the environment. */
export interface InterpolatedScalar {
  /** As the file has it. Safe to print where the value may be a secret. */
  readonly source: string;
  /** As it is now, before it was read as a number, true or false. */
  readonly text: string;
}

/**
 * The file as plain values, with the environment filled in, that still knows where on the page
 * everything stands. What does not fit YAML goes to `problems`; the rest is there all the same.
 */
export class ConfigDocument implements PlaceLookup {
  readonly root: unknown;
  readonly problems: ProblemList;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #environment: Environment;
  readonly #offsets = new Map<string, Offsets>();
  readonly #interpolated = new Map<string, InterpolatedScalar>();
  #nodes = 0;

  constructor(text: string, environment: Environment) {
    this.#environment = environment;
    this.problems = new ProblemList(this);
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false, // they quote the text
      logLevel: 'error',
    });
    this.root = this.#plain(this.#document.contents, []);
  }

  /** Then `root` is not whole, and there is nothing to be learned from it. */
  get isTooLarge(): boolean {
    return this.#nodes > nodesMax;
  }

  get isBroken(): boolean {
    return this.#faults().length > 0;
  }

  /**
   * Reports where the text stops being YAML, and forgets what was said about the section that it
   * happens in and all after it: what the parser made of them is guesswork.
   */
  reportFaults(): void {
    const faults = this.#faults();
    const first = Math.min(...faults.map(({ pos }) => pos[0]));
    const broken = this.#sectionBefore(first);
    this.problems.forgetFrom(broken === undefined ? 1 : this.#place(broken.key ?? 0).line);
    let line = 0;
    for (const { code, pos } of faults.toSorted((a, b) => a.pos[0] - b.pos[0])) {
      const place = this.#place(pos[0]);
      if (place.line === line) continue; // one mistake makes the parser stumble several times
      const { message, expected } = syntaxFault(code);
      const section = this.#sectionBefore(pos[0])?.path ?? [];
      // Where a quote is not closed, a key can be half the file.
      const isName = /^[A-Za-z]{1,20}$/.test(String(section[0]));
      this.problems.addAt(place, isName ? section : [], message, expected);
      line = place.line;
    }
  }

  /** Of the value or its key; of the nearest thing around it where there is none. */
  placeOf(path: ConfigPath, part: 'key' | 'value'): TextPlace {
    const own = this.#offsets.get(keyOf(path));
    if (own !== undefined) return this.#place((part === 'key' ? own.key : null) ?? own.value);
    for (let length = path.length - 1; length > 0; length--) {
      const outer = this.#offsets.get(keyOf(path.slice(0, length)));
      if (outer !== undefined) return this.#place(outer.key ?? outer.value);
    }
    return { line: 1, column: 1 };
  }

  interpolatedAt(path: ConfigPath): InterpolatedScalar | undefined {
    return this.#interpolated.get(keyOf(path));
  }

  #place(offset: number): TextPlace {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #plain(node: Node | null, path: ConfigPath): unknown {
    this.#nodes += 1;
    if (path.length > depthMax || this.#nodes > nodesMax) {
      if (this.#nodes <= nodesMax + 1) {
        const expected = `expected at most ${depthMax} levels and ${nodesMax} values`;
        this.problems.add(path.slice(0, depthMax), 'goes too deep or is too large', expected);
      }
      this.#nodes = nodesMax + 1; // stop everywhere: an alias inside itself would multiply
      return undefined;
    }
    if (isAlias(node)) return this.#target(node.resolve(this.#document), path);
    if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#map(node.items, path);
    if (isSeq<ParsedNode>(node)) {
      return node.items.map((item, index) => this.#child(item, null, [...path, index]));
    }
    return isScalar(node) ? this.#scalar(node, path) : null;
  }

  #target(node: Node | undefined, path: ConfigPath): unknown {
    if (node !== undefined) return this.#plain(node, path);
    this.problems.add(path, 'is an alias of nothing', 'expected the &anchor before its *alias');
    return undefined;
  }

  #map(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: ConfigPath): unknown {
    const entries: [string, unknown][] = [];
    const names = new Set<string>();
    for (const { key, value } of pairs) {
      const name = isScalar(key) ? String(key.value) : '';
      const place = this.#place(key.range[0]);
      if (!isScalar(key)) {
        this.problems.addAt(place, path, 'has a key that is no word', 'expected a word as a key');
      } else if (names.has(name)) {
        const expected = 'expected each key once';
        this.problems.addAt(place, [...path, name], 'is there a second time', expected);
      } else {
        names.add(name);
        entries.push([name, this.#child(value, key.range[0], [...path, name])]);
      }
    }
    return Object.fromEntries(entries);
  }

  #child(node: ParsedNode | null, key: number | null, path: ConfigPath): unknown {
    this.#offsets.set(keyOf(path), { path, key, value: node?.range[0] ?? key ?? 0 });
    return this.#plain(node, path);
  }

  #scalar(node: Scalar, path: ConfigPath): unknown {
    const { value } = node;
    if (typeof value !== 'string') return value;
    const filled = interpolate(value, this.#environment);
    switch (filled.kind) {
      case 'unchanged':
        return value;
      case 'filled':
        this.#interpolated.set(keyOf(path), { source: value, text: filled.text });
        return this.#resolve(filled.text);
      case 'unset':
        for (const name of filled.names) {
          const expected = `set it, or write a default: \${${name}:-…}`;
          this.problems.add(
            path,
            `needs ${name} from the environment, where it is not set`,
            expected,
          );
        }
        return undefined;
      case 'malformed': {
        const expected = 'expected ${NAME} or ${NAME:-default}; $${ stands for ${ itself';
        this.problems.add(path, 'has a ${ that names nothing', expected);
        return undefined;
      }
    }
  }

  /**
   * What a plain YAML scalar with this text means: a number, true, false, nothing or text; never a
   * structure.
   */
  #resolve(text: string): unknown {
    for (const tag of this.#document.schema.tags) {
      if (tag.collection !== undefined || tag.default !== true || !tag.test?.test(text)) continue;
      const resolved = tag.resolve(text, () => {}, {});
      return isScalar(resolved) ? resolved.value : resolved;
    }
    return text;
  }

  /** Without keys that are there twice: those are reported with their paths while walking. */
  #faults(): readonly YAMLError[] {
    const { errors, warnings } = this.#document;
    return [...errors, ...warnings].filter(({ code }) => code !== 'DUPLICATE_KEY');
  }

  /** The last section that begins before an offset: the one in which the parser lost the thread. */
  #sectionBefore(offset: number): Offsets | undefined {
    const sections = [...this.#offsets.values()].filter(({ path }) => path.length === 1);
    return sections.findLast(({ key, value }) => (key ?? value) < offset);
  }
}

function keyOf(path: ConfigPath): string {
  return JSON.stringify(path);
}
