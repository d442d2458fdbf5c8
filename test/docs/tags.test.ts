import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Document, documents } from '../support/document.ts';
import { loadExample } from '../support/example-config.ts';
import { projectRoot } from '../support/gateway.ts';

const all = documents();
const ofProject = ['SECURITY.md', 'ARCHITECTURE.md', 'CHANGELOG.md'].map(Document.read);

/** The anchors that a page of the project offers, as its usual readers make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function brokenLinks({ path, text }: Document): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(projectRoot, target))) return true;
    if (anchor === undefined || !target.endsWith('.md')) return false;
    return !anchorsOf(readFileSync(join(projectRoot, target), 'utf8')).has(anchor);
  });
}

describe('a block of commands', () => {
  const commands = all.flatMap(({ commands: blocks, path }) =>
    blocks.map((block) => ({ where: `${path}:${String(block.line)}`, ...block })),
  );

  it('is said to be run by a test, or why it is not', () => {
    const untagged = commands.filter(({ tag }) => tag.kind === 'none' || tag.kind === 'output');
    expect(untagged.map(({ where }) => where)).toEqual([]);
  });

  it('is in a language of commands: no fence is without one, or of another spelling', () => {
    const known = new Set(['sh', 'yaml', 'text', 'json', 'nginx', 'ini', 'hocon', 'sql', 'python']);
    const strange = all.flatMap(({ blocks, path }) =>
      blocks
        .filter(({ language }) => !known.has(language))
        .map(({ line }) => `${path}:${String(line)}`),
    );
    expect(strange).toEqual([]);
    const page = ['```shell-session', '$ a', '```', '', '```', 'b', '```', ''].join('\n');
    expect(new Document('x.md', page).blocks.map(({ language }) => language)).toEqual(['', '']);
  });

  it('is run, in at least four of five', () => {
    const run = commands.filter(({ tag }) => tag.kind === 'run' || tag.kind === 'start');
    expect(run.length).toBeGreaterThan(15);
    expect(run.length / commands.length).toBeGreaterThanOrEqual(0.8);
  });

  it('without a tag, or with one of another form, is found by this test', () => {
    const page = ['```sh', 'a', '```', '', '<!-- runs -->', '```sh', 'b', '```', ''].join('\n');
    expect(new Document('x.md', page).commands.map(({ tag }) => tag.kind)).toEqual([
      'none',
      'none',
    ]);
  });
});

describe.each(all)('$path', (document) => {
  it('names tests that exist', () => {
    const named = [...document.text.matchAll(/\btest\/[\w/.-]*\w/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
  });

  it('links to what exists', () => {
    expect(brokenLinks(document)).toEqual([]);
  });
});

const withConfigurations = all.filter(({ configurations }) => configurations.length > 0);

it.each(withConfigurations)(
  '$path has configurations that can be loaded, and need no warning that it does not explain',
  async (document) => {
    for (const yaml of document.configurations) {
      const { warnings } = await loadExample(yaml);
      // The guide says so itself.
      const isSaid = yaml.includes('auth: token-cache');
      expect(warnings).toEqual(isSaid ? [expect.stringContaining('authenticates nobody')] : []);
    }
  },
);

it('a link that leads nowhere is found by this test', () => {
  const page = '[a](nowhere.md) [b](#no-heading) [c](#a-b) [d](../README.md#run-it)\n\n# A, b!\n';
  expect(brokenLinks(new Document('docs/x.md', page))).toEqual([
    'nowhere.md',
    '#no-heading',
    '#a-b',
  ]);
});

it.each(ofProject)('$path links to what exists', (document) => {
  expect(brokenLinks(document)).toEqual([]);
});
