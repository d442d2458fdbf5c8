import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../src/config/schema.ts';
import { schemaReference } from '../../../src/config/schema-reference.ts';
import { projectRoot } from '../../support/gateway.ts';

const reference = schemaReference(jsonSchema());

/** The names of all options, wherever they are. */
function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([word, value]) => {
    if (word !== 'properties') return namesIn(value);
    return [...Object.keys(value), ...Object.values(value).flatMap(namesIn)];
  });
}

describe('the configuration reference', () => {
  it('is what docs/configuration.md has; if not, run npm run docs:reference', () => {
    const page = readFileSync(join(projectRoot, 'docs/configuration.md'), 'utf8');
    expect(page).toBe(reference);
  });

  it('has every option, with what it takes and what it is', () => {
    const rows = reference.split('\n').filter((line) => line.startsWith('| `'));
    const named = new Set([
      ...rows.map((row) => /[\w]+(?=(?:\[\])*`)/.exec(row)?.[0]),
      ...[...reference.matchAll(/^## `(\w+)`/gm)].map(([, name]) => name),
    ]);
    const names = new Set(namesIn(jsonSchema()));
    expect(names.size).toBeGreaterThan(200);
    expect([...names].filter((name) => !named.has(name))).toEqual([]);
    for (const row of rows) expect(row).toMatch(/^\| `[^`|]+` \| \S.* \| \S.{9,} \|$/);
  });

  it('says of alternatives what tells them apart', () => {
    for (const type of ['memory', 'sqlite', 'redis']) {
      expect(reference).toContain(`| \`store.type\` | \`${type}\` | `);
    }
  });
});
