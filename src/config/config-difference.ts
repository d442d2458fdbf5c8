import { Secret } from '../lib/secret.ts';
import type { Config } from './config.ts';

const valueCharactersMax = 120;

/** Follows from the rest, or is no part of it. */
const derived = new Set(['warnings', 'path']);

/**
 * What is different between two configurations, one line each: where, what it was and what it is. Of a secret only that
 * it has changed.
 */
export function configDifference(before: Config, after: Config): readonly string[] {
  const lines: string[] = [];
  compare('', before, after, lines);
  return lines;
}

function compare(path: string, one: unknown, other: unknown, lines: string[]): void {
  if (one instanceof Secret || other instanceof Secret) {
    const isSame =
      one instanceof Secret && other instanceof Secret && one.reveal() === other.reveal();
    if (!isSame) lines.push(`${path}: a secret has changed`);
  } else if (isTree(one) && isTree(other)) compareTrees(path, one, other, lines);
  else if (!Object.is(one, other)) {
    if (one === undefined) lines.push(`${path}: added: ${shown(other)}`);
    else if (other === undefined) lines.push(`${path}: removed`);
    else lines.push(`${path}: ${shown(one)} → ${shown(other)}`);
  }
}

function compareTrees(path: string, one: object, other: object, lines: string[]): void {
  const [before, after] = [partsOf(one), partsOf(other)];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (path === '' && derived.has(name)) continue;
    compare(path === '' ? name : `${path}.${name}`, before.get(name), after.get(name), lines);
  }
}

/** Members of a list by their names, so that one in front does not change all behind it. */
function partsOf(tree: object): ReadonlyMap<string, unknown> {
  if (!Array.isArray(tree)) return new Map(Object.entries(tree));
  const parts = new Map<string, unknown>();
  for (const [index, item] of tree.entries()) {
    const name = nameOf(item) ?? String(index);
    parts.set(parts.has(name) ? `${name}#${String(index)}` : name, item);
  }
  return parts;
}

function nameOf(item: unknown): string | null {
  if (typeof item === 'string') return item;
  if (!isTree(item)) return null;
  for (const key of ['id', 'name', 'username', 'certFile']) {
    const value: unknown = Reflect.get(item, key);
    if (typeof value === 'string') return value;
  }
  return null;
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A Secret in it says `[secret]`. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= valueCharactersMax ? text : `${text.slice(0, valueCharactersMax)}…`;
}
