import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseAst } from 'vitest/node';

/** What holds for a tree of sources. */
export interface HouseRules {
  /** For each folder, the folders that it may import besides itself. A folder that is not named here is a finding. */
  readonly mayImport: Readonly<Record<string, readonly string[]>>;
  /** Folders, and files beside them (`main.ts`), that may import everything. */
  readonly composers: readonly string[];
  /** For each global (`process.env`), the one file that may use it; null: none may. */
  readonly homeOf: Readonly<Record<string, string | null>>;
  /** Options that can switch a protection off, with the one value that they may have. */
  readonly safeOptions: Readonly<Record<string, boolean>>;
  /** `file option`: the files where an operator's own setting decides about such an option. */
  readonly openOptions?: readonly string[];
  readonly fileLinesMax: number;
  readonly functionLinesMax: number;
}

export interface Inspection {
  readonly files: number;
  /** `file: what is wrong`, sorted. */
  readonly findings: readonly string[];
}

type Node = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly start: number;
  readonly end: number;
};

/** Walks the sources under a folder and reports everything that breaks a rule. */
export async function inspectHouse(root: string, rules: HouseRules): Promise<Inspection> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const findings: string[] = [];
  for (const path of paths) {
    const source = await readFile(join(root, path), 'utf8');
    findings.push(...inspectFile(path, source, rules).map((finding) => `${path}: ${finding}`));
  }
  return { files: paths.length, findings: findings.toSorted() };
}

function inspectFile(path: string, source: string, rules: HouseRules): string[] {
  const nodes = [...walk(parseAst(source, { lang: 'ts' }))];
  const codeLines = linesOfCode(source, nodes);
  const findings = [
    ...importFindings(path, nodes, rules),
    ...globalFindings(path, nodes, source, rules),
    ...optionFindings(path, nodes, rules),
    ...functionFindings(nodes, source, codeLines, rules.functionLinesMax),
  ];
  if (codeLines.size > rules.fileLinesMax) {
    findings.push(
      `${String(codeLines.size)} lines of code, more than ${String(rules.fileLinesMax)}`,
    );
  }
  return findings;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item);
  } else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) {
      if (typeof child === 'object') yield* walk(child);
    }
  }
}

/** The nodes that name another module: static, re-export, dynamic, as a type, and `new URL('./x.ts', …)` of workers. */
function* specifiers(nodes: readonly Node[]): Generator<string | null> {
  for (const node of nodes) {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        if (isNode(node['source'])) yield literal(node['source']);
        break;
      case 'NewExpression':
      case 'CallExpression': {
        const callee = node['callee'];
        const name = isNode(callee) ? callee['name'] : undefined;
        if (name !== 'URL' && name !== 'require') break;
        const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
        const target = isNode(first) ? literal(first) : null;
        if (target !== null && /\.[cm]?[jt]s$/.test(target)) yield target;
        break;
      }
      default:
    }
  }
}

function literal(node: Node): string | null {
  const value = node['value'];
  return typeof value === 'string' ? value : null;
}

function importFindings(path: string, nodes: readonly Node[], rules: HouseRules): string[] {
  const [home = ''] = path.split('/');
  const allowed = rules.mayImport[home];
  if (allowed === undefined && !rules.composers.includes(home)) {
    return [`no row of the import table names ${home}`];
  }
  const findings: string[] = [];
  for (const specifier of specifiers(nodes)) {
    if (specifier === null) {
      findings.push('imports what only a run can tell');
      continue;
    }
    if (!specifier.startsWith('.')) continue;
    const target = relative('/', resolve('/', dirname(path), specifier));
    const [room = ''] = target.split('/');
    if (allowed !== undefined && room !== home && !allowed.includes(room)) {
      findings.push(`imports ${target}, and ${home} may not import ${room}`);
    }
  }
  return findings;
}

function globalFindings(
  path: string,
  nodes: readonly Node[],
  source: string,
  rules: HouseRules,
): string[] {
  const findings: string[] = [];
  for (const [name, home] of Object.entries(rules.homeOf)) {
    if (home === path) continue;
    const used = nodes.some((node) => usesGlobal(node, name, source));
    if (used) findings.push(`uses ${name}, which belongs to ${home ?? 'no file'}`);
  }
  return findings;
}

function usesGlobal(node: Node, name: string, source: string): boolean {
  if (name.includes('.')) {
    if (node.type !== 'MemberExpression') return false;
    const text = source.slice(node.start, node.end).replace(/\s|\?(?=\.)/g, '');
    const [object, property] = name.split('.');
    return text === name || text === `${String(object)}['${String(property)}']`;
  }
  const object = node['object'];
  return node.type === 'MemberExpression' && isNode(object) && object['name'] === name;
}

function optionFindings(path: string, nodes: readonly Node[], rules: HouseRules): string[] {
  const findings: string[] = [];
  for (const { type, key, value } of nodes) {
    if (type !== 'Property' || !isNode(key)) continue;
    const name = String(key['name'] ?? key['value']);
    const safe = rules.safeOptions[name];
    if (safe === undefined || (isNode(value) && value['value'] === safe)) continue;
    if (rules.openOptions?.includes(`${path} ${name}`) === true) continue;
    findings.push(`sets ${name} to something else than ${String(safe)}`);
  }
  return findings;
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

function functionFindings(
  nodes: readonly Node[],
  source: string,
  codeLines: ReadonlySet<number>,
  linesMax: number,
): string[] {
  const findings: string[] = [];
  for (const node of nodes) {
    if (!functionTypes.has(node.type)) continue;
    const first = lineAt(source, node.start);
    const last = lineAt(source, node.end);
    let lines = 0;
    for (let line = first; line <= last; line++) if (codeLines.has(line)) lines += 1;
    if (lines > linesMax) {
      findings.push(
        `the function in line ${String(first)} has ${String(lines)} lines, more than ${String(linesMax)}`,
      );
    }
  }
  return findings;
}

function lineAt(source: string, offset: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

/** The numbers of the lines that hold code: neither blank nor nothing but comment. */
function linesOfCode(source: string, nodes: readonly Node[]): ReadonlySet<number> {
  const lines = new Set<number>();
  withoutComments(source, nodes)
    .split('\n')
    .forEach((text, index) => {
      if (text.trim() !== '') lines.add(index + 1);
    });
  return lines;
}

/** Comments blanked out. What looks like one inside a string, a template or a regular expression stays. */
function withoutComments(source: string, nodes: readonly Node[]): string {
  const endOfLiteral = new Map<number, number>();
  for (const node of nodes) {
    if (node.type === 'Literal' || node.type === 'TemplateElement') {
      endOfLiteral.set(node.start, node.end);
    }
  }
  let out = '';
  for (let at = 0; at < source.length;) {
    const literalEnd = endOfLiteral.get(at);
    const next =
      literalEnd !== undefined && literalEnd > at
        ? literalEnd
        : source.startsWith('//', at)
          ? endOf(source, '\n', at, 0)
          : source.startsWith('/*', at)
            ? endOf(source, '*/', at, 2)
            : at + 1;
    const text = source.slice(at, next);
    const isComment = literalEnd === undefined && next > at + 1;
    out += isComment ? text.replace(/[^\n]/g, ' ') : text;
    at = next;
  }
  return out;
}

function endOf(source: string, mark: string, from: number, extra: number): number {
  const found = source.indexOf(mark, from);
  return found < 0 ? source.length : found + extra;
}
