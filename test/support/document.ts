import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './gateway.ts';

/** What a document says above a block. */
export type Tag =
  | { readonly kind: 'run' }
  /** It goes on running: what follows waits until the gateway is ready. */
  | { readonly kind: 'start' }
  | { readonly kind: 'not run'; readonly reason: string }
  /** What the block above prints; `…` stands for anything. */
  | { readonly kind: 'output' }
  | { readonly kind: 'none' };

export interface Block {
  readonly language: string;
  readonly text: string;
  readonly tag: Tag;
  /** 1 for the first; of its fence. */
  readonly line: number;
}

const commandLanguages: ReadonlySet<string> = new Set(['sh', 'bash', 'shell', 'console']);

/** One page of README and docs/. */
export class Document {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.blocks = blocksOf(text);
  }

  static read(path: string): Document {
    return new Document(path, readFileSync(join(projectRoot, path), 'utf8'));
  }

  get commands(): readonly Block[] {
    return this.blocks.filter(({ language }) => commandLanguages.has(language));
  }

  /** The configurations that are shown whole. */
  get configurations(): readonly string[] {
    return this.blocks.flatMap(({ language, text }) =>
      language === 'yaml' && text.startsWith('# portcullis.yaml\n') ? [text] : [],
    );
  }
}

/** README, and what lies in docs/. */
export function documents(): readonly Document[] {
  const guides = readdirSync(join(projectRoot, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guides.map((name) => `docs/${name}`)].map((path) => Document.read(path));
}

function blocksOf(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', language = ''] = /^( *)```(\w*)$/.exec(lines[at] ?? '') ?? [];
    if (!/^ *```/.test(lines[at] ?? '')) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end < 0) throw new Error(`line ${String(at + 1)}: a block without an end`);
    const inside = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    const tag = tagOf(lines[at - 1] ?? '');
    blocks.push({ language, tag, line: at + 1, text: inside.map((line) => `${line}\n`).join('') });
    at = end;
  }
  return blocks;
}

function tagOf(line: string): Tag {
  const [, word] = /^ *<!-- (.+) -->$/.exec(line) ?? [];
  if (word === 'run') return { kind: 'run' };
  if (word === 'run: start') return { kind: 'start' };
  if (word === 'output') return { kind: 'output' };
  const [, reason] = /^not run: (.+)$/.exec(word ?? '') ?? [];
  return reason === undefined ? { kind: 'none' } : { kind: 'not run', reason };
}
