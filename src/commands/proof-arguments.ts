import { readArguments } from './arguments.ts';

export interface ProofOrder {
  readonly values: ReadonlyMap<string, string>;
  readonly nodes: readonly URL[];
  readonly sessions: number;
  readonly connections: number;
  readonly path: string | null;
  readonly caFile: string | null;
  readonly format: 'text' | 'json';
}

const names = ['config', 'nodes', 'sessions', 'connections', 'path', 'ca', 'format'];

/** What `portcullis prove-revocation` was asked, or a sentence. */
export function readProofArguments(
  args: readonly string[],
): ProofOrder | { readonly kind: 'wrong'; readonly sentence: string } {
  const read = readArguments(args, names);
  if (read.kind === 'wrong') return read;
  const { values } = read;
  const nodes = (values.get('nodes') ?? '').split(',').filter((text) => text !== '');
  if (nodes.length === 0 || !nodes.every(isNode)) {
    return wrong('needs --nodes with the addresses of all nodes, such as http://10.0.0.5:8081');
  }
  const sessions = countOf(values.get('sessions') ?? '100', 1_000_000);
  if (sessions === null) return wrong('needs a whole number from 1 to 1000000 after --sessions');
  const connections = countOf(values.get('connections') ?? '8', 1_000);
  if (connections === null) return wrong('needs a whole number from 1 to 1000 after --connections');
  const format = values.get('format') ?? 'text';
  if (format !== 'text' && format !== 'json') return wrong('needs text or json after --format');
  const path = values.get('path') ?? null;
  if (path !== null && !path.startsWith('/')) return wrong('needs a path such as /x after --path');
  return {
    values,
    nodes: nodes.map((text) => new URL(text)),
    sessions,
    connections,
    path,
    caFile: values.get('ca') ?? null,
    format,
  };
}

function isNode(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === ''
  );
}

function countOf(text: string, most: number): number | null {
  const count = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  return count <= most ? count : null;
}

function wrong(sentence: string): { readonly kind: 'wrong'; readonly sentence: string } {
  return { kind: 'wrong', sentence };
}
