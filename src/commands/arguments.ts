import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { processEnvironment } from '../config/read.ts';
import { closestWord } from '../lib/closest-word.ts';
import { packageRoot } from './package-root.ts';

export type Arguments =
  | {
      readonly kind: 'read';
      readonly values: ReadonlyMap<string, string>;
      readonly flags: ReadonlySet<string>;
    }
  /** One sentence, with a hint. */
  | { readonly kind: 'wrong'; readonly sentence: string };

/** Reads `--name VALUE` and `--name=VALUE` for these names, each at most once, and nothing else. */
export function readArguments(args: readonly string[], names: readonly string[]): Arguments {
  return readFlagged(args, names, []);
}

/** The same, and options without a value. */
export function readFlagged(
  args: readonly string[],
  valued: readonly string[],
  flagNames: readonly string[],
): Arguments {
  const names = [...valued, ...flagNames];
  const options = Object.fromEntries([
    ...valued.map((name) => [name, { type: 'string' as const }] as const),
    ...flagNames.map((name) => [name, { type: 'boolean' as const }] as const),
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      return wrong(`takes no argument ${quoted(token.value)}`, names);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (!names.includes(name)) return wrong(`has no option ${quoted(rawName)}`, names, name);
    if (flagNames.includes(name)) {
      if (value !== undefined) return wrong(`takes no value after ${rawName}`, names);
      flags.add(name);
      continue;
    }
    if (values.has(name)) return wrong(`takes ${rawName} only once`, names);
    if (value === undefined || value === '') return wrong(`needs a value after ${rawName}`, names);
    values.set(name, value);
  }
  return { kind: 'read', values, flags };
}

/**
 * The file that `--config` names; else PORTCULLIS_CONFIG; else the one that comes with the package.
 */
export function configPathFrom(values: ReadonlyMap<string, string>): string {
  const named = values.get('config') ?? processEnvironment()['PORTCULLIS_CONFIG'];
  return named === undefined || named === ''
    ? join(packageRoot(), 'config', 'portcullis.yaml')
    : named;
}

function wrong(what: string, names: readonly string[], unknown?: string): Arguments {
  const closest = unknown === undefined ? undefined : closestWord(unknown, names);
  if (closest !== undefined)
    return { kind: 'wrong', sentence: `${what}; did you mean --${closest}?` };
  const known = ['help', 'version', ...names].map((name) => `--${name}`).join(', ');
  return { kind: 'wrong', sentence: `${what}; it knows ${known}` };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
