import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadExample } from '../support/example-config.ts';
import { packageScripts } from '../support/package-scripts.ts';

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const [whole = '', ...parts] = [...readme.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, yaml = '']) => yaml,
);

describe('the README', () => {
  test('shows a configuration that can be loaded', async () => {
    const config = await loadExample(whole);
    expect(config.upstreams.map(({ name }) => name)).toEqual(['app', 'shop', 'reports']);
  });

  test('shows parts that can be put into it', async () => {
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) {
      const config = await loadExample(`${whole}${part}`);
      expect(config.sessions.store.type).toBe('redis');
    }
  });

  test('names scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    const scripts = packageScripts();
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
