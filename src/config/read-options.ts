import type * as z from 'zod';
import { closestWord } from '../lib/closest-word.ts';
import type { ConfigDocument } from './config-document.ts';
import type { ConfigPath } from './config-problems.ts';
import { hiddenSections } from './config-problems.ts';
import { namePattern, nameExpected } from './kinds.ts';

/** A piece of the document that waits to be read. */
export interface Part {
  readonly document: ConfigDocument;
  readonly path: ConfigPath;
  readonly raw: unknown;
}

/** A block that was read. Options that are wrong have their defaults, and are not sound. */
export interface Options<T> {
  readonly path: ConfigPath;
  readonly value: T;
  /**
   * Whether what the file says about these options may be believed; a check of a broken one would
   * mislead.
   */
  isSound(...names: readonly string[]): boolean;
}

/** The piece below a key. A key without a value (all its lines are commented out) is no key. */
export function partAt(part: Part, ...steps: readonly (string | number)[]): Part {
  let raw: unknown = part.raw;
  for (const step of steps) raw = childOf(raw, step) ?? undefined;
  return { document: part.document, path: [...part.path, ...steps], raw };
}

/**
 * Reads a block of options and reports what is wrong with it. An option that is wrong does not keep
 * the others from being read, so that later checks say all they can; undefined only where one that
 * has no default is wrong.
 */
export function readOptions<Schema extends z.ZodObject>(
  schema: Schema,
  part: Part,
): Options<z.output<Schema>> | undefined {
  const { document, path } = part;
  const raw = part.raw === undefined ? {} : withoutEmpty(part.raw, schema);
  let result = schema.safeParse(raw);
  if (!result.success && restoreTexts(result.error.issues, raw, part)) {
    result = schema.safeParse(raw);
  }
  if (!result.success) {
    const { issues } = result.error;
    for (const issue of issues) report(issue, raw, part);
    if (!isBlock(raw)) return undefined;
    result = schema.safeParse(withoutBroken(raw, issues));
  }
  if (!result.success) return undefined;
  return {
    path,
    value: result.data,
    isSound: (...names) => names.every((name) => !document.problems.hasWithin([...path, name])),
  };
}

/** For an option without a default, in a block that is to be read also where it is missing. */
export function requireOption(part: Part, name: string, expected: string): void {
  const { problems } = part.document;
  const path = [...part.path, name];
  if (partAt(part, name).raw !== undefined || problems.hasWithin(path)) return;
  problems.add(path, 'is missing', `expected ${expected}`);
}

/** The pieces of a block whose keys are names of the operator's choice. */
export function readNamed(part: Part): readonly { readonly name: string; readonly part: Part }[] {
  const { document, path, raw } = part;
  if (raw === undefined) return [];
  if (!isBlock(raw)) {
    document.problems.add(
      path,
      describeKind(raw),
      'expected a block of `name:` with its options below',
    );
    return [];
  }
  return Object.keys(raw).map((name) => {
    const inner = partAt(part, name);
    if (!namePattern.test(name)) {
      document.problems.add(inner.path, 'is no name', `expected ${nameExpected}`, 'key');
    }
    return { name, part: inner };
  });
}

/** The pieces of a list. */
export function readItems(part: Part): readonly Part[] {
  return Array.isArray(part.raw) ? part.raw.map((_, index) => partAt(part, index)) : [];
}

type Issue = z.core.$ZodIssue;
type Block = Record<string, unknown>;

function report(issue: Issue, root: unknown, part: Part): void {
  const { problems } = part.document;
  const steps = issue.path.filter((step) => typeof step !== 'symbol');
  const path = [...part.path, ...steps];
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ');
    for (const key of issue.keys) {
      problems.add([...path, key], 'is no option here', suggestion(key, known), 'key');
    }
    return;
  }
  if (problems.hasWithin(path)) return; // the first thing that is wrong with a value is enough
  let raw = root;
  for (const step of steps) raw = childOf(raw, step);
  const words = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const closest = typeof raw === 'string' ? closestWord(raw, words) : undefined;
  const hint = closest === undefined ? '' : `; did you mean ${closest}?`;
  const isStructureWanted =
    issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'array');
  const message =
    raw === undefined
      ? 'is missing'
      : isStructureWanted
        ? describeKind(raw)
        : describeAt(raw, path, part);
  problems.add(path, message, `expected ${issue.message}${hint}`);
}

/** The end of a sentence that says what would have been an option, a name, … */
export function suggestion(word: string, known: readonly string[]): string {
  const closest = closestWord(word, known);
  if (closest !== undefined) return `did you mean ${closest}?`;
  return known.length === 0 ? 'there is none' : `expected one of ${known.join(', ')}`;
}

function describeAt(raw: unknown, path: ConfigPath, part: Part): string {
  if (hiddenSections.has(path[0])) {
    return typeof raw === 'string' && raw !== '' ? 'does not fit' : describeKind(raw);
  }
  const interpolated = part.document.interpolatedAt(path);
  if (interpolated === undefined) return describe(raw);
  return `is ${quoted(interpolated.source)}, which gives something else with this environment`;
}

/** What a value is, as the end of a sentence. */
function describe(raw: unknown): string {
  if (typeof raw === 'string' && raw !== '') return `is ${quoted(raw)}`;
  return typeof raw === 'number' || typeof raw === 'boolean' ? `is ${raw}` : describeKind(raw);
}

/**
 * The same without the value: text where a block belongs may be anything, a secret that lost its
 * key too.
 */
function describeKind(raw: unknown): string {
  if (raw === null || raw === '') return 'is empty';
  if (Array.isArray(raw)) return raw.length === 0 ? 'is an empty list' : 'is a list';
  if (typeof raw === 'object') return 'is a block';
  return typeof raw === 'string' ? 'is text' : `is a ${typeof raw}`;
}

function quoted(text: string): string {
  // A password in an address is the one secret that people write where none belongs.
  const clean = text.replace(/\/\/[^/]*@/, '//…@');
  return JSON.stringify(clean.length > 60 ? `${clean.slice(0, 60)}…` : clean);
}

/**
 * A value from the environment that reads as a number but is wanted as text (a password of digits)
 * is the text that it was. True if there was one.
 */
function restoreTexts(issues: readonly Issue[], root: unknown, part: Part): boolean {
  let isRestored = false;
  for (const issue of issues) {
    const steps = issue.path.filter((step) => typeof step !== 'symbol');
    const interpolated = part.document.interpolatedAt([...part.path, ...steps]);
    const isTextWanted = issue.code === 'invalid_type' && issue.expected === 'string';
    const last = steps.at(-1);
    if (interpolated === undefined || !isTextWanted || last === undefined) continue;
    let holder = root;
    for (const step of steps.slice(0, -1)) holder = childOf(holder, step);
    if (typeof holder === 'object' && holder !== null) {
      Reflect.set(holder, last, interpolated.text);
      isRestored = true;
    }
  }
  return isRestored;
}

function withoutEmpty(raw: unknown, schema: z.ZodObject): unknown {
  if (!isBlock(raw)) return raw;
  const entries = Object.entries(raw).filter(
    ([name, value]) => (value !== null && value !== undefined) || !(name in schema.shape),
  );
  return Object.fromEntries(entries);
}

function withoutBroken(raw: Block, issues: readonly Issue[]): Block {
  const broken = new Set<PropertyKey | undefined>();
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      for (const key of issue.keys) broken.add(key);
    } else broken.add(issue.path[0]);
  }
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !broken.has(name)));
}

function childOf(raw: unknown, step: PropertyKey): unknown {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, step)
    ? Reflect.get(raw, step)
    : undefined;
}

export function isBlock(raw: unknown): raw is Block {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
