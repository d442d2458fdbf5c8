import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExample } from './support/example-config.ts';

const folder = join(import.meta.dirname, '../docs');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** The blocks of a language in a document. */
function blocksOf(text: string, language: string): string[] {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms');
  return [...text.matchAll(block)].map(([, inside = '']) => inside);
}

const guides = readdirSync(folder).filter((name) => /^from-.*\.md$/.test(name));

describe.each(guides)('the guide %s', (name) => {
  const text = read(name);
  const wholes = blocksOf(text, 'yaml').filter((yaml) => yaml.startsWith('# portcullis.yaml\n'));

  it('shows what there was before, and what is there afterwards', () => {
    const before = text.indexOf('\n## Before\n');
    const after = text.indexOf('\n## After');
    expect(before).toBeGreaterThan(0);
    expect(after).toBeGreaterThan(before);
    expect(text.slice(before, after)).toContain('```');
    expect(text.slice(after).split('# portcullis.yaml\n').length - 1).toBe(wholes.length);
    expect(wholes.length).toBeGreaterThan(0);
  });

  it.each(wholes.map((yaml, index) => [index + 1, yaml] as const))(
    'has a configuration that can be loaded and needs no warning (%i)',
    async (_number, yaml) => {
      const config = await loadExample(yaml);
      expect(config.warnings).toEqual([]);
    },
  );
});

describe('the documents', () => {
  it('there are the guides that were promised', () => {
    expect(guides).toEqual(expect.arrayContaining(['from-oauth2-proxy.md', 'from-tyke.md']));
  });

  it.each(readdirSync(folder))('%s links to files that exist', (name) => {
    const links = [...read(name).matchAll(/\]\((?!#|https?:)([^)#]+)\)/g)].map(
      ([, path = '']) => path,
    );
    expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
  });
});
