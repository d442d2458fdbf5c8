import { isBlock } from './read-options.ts';

type Block = Readonly<Record<string, unknown>>;

/** One option. */
interface Row {
  readonly path: string;
  readonly takes: string;
  readonly text: string;
}

const top = `# Configuration reference

Every option of a configuration file, from the schema that \`portcullis check\` reads it by. This page is written by
\`npm run docs:reference\`; \`portcullis schema\` prints the same for editors.

Any value but free text may come from the environment: \`\${NAME}\`, \`\${NAME:-default}\`. Times are \`500ms\`, \`10s\`, \`30m\`,
\`12h\`, \`7d\`; sizes \`16KiB\`, \`1MiB\`. NAME is a name of your choice, \`[]\` stands for each item of a list. What is marked
*needed* has no default.
`;

/** The schema for people, as Markdown: a section for each part of the file, a row for each option. */
export function schemaReference(schema: Block): string {
  const parts = entriesOf(schema['properties']);
  const needed = listOf(schema['required']);
  const plain = parts.filter(([, part]) => rowsOf('', part).length === 0);
  const sections = parts.filter(([, part]) => rowsOf('', part).length > 0);
  const first = plain.map(([name, part]) => rowOf(name, part, needed.includes(name)));
  return [
    top,
    `## The file itself\n\n${tableOf(first)}`,
    ...sections.map(([name, part]) => sectionOf(name, part, needed.includes(name))),
  ].join('\n');
}

function sectionOf(name: string, part: Block, isNeeded: boolean): string {
  const text = [textOf(part), ...(isNeeded ? ['*Needed.*'] : [])].join(' ').trim();
  return `## \`${name}\`\n\n${text === '' ? '' : `${text}\n\n`}${tableOf(rowsOf('', part))}`;
}

/** Everything below a part of the schema, in its order. */
function rowsOf(path: string, part: Block): readonly Row[] {
  const { items, additionalProperties } = part;
  const needed = listOf(part['required']);
  const below = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const rows = entriesOf(part['properties']).flatMap(([name, option]) => [
    rowOf(below(name), option, needed.includes(name)),
    ...rowsOf(below(name), option),
  ]);
  if (isBlock(items)) rows.push(...rowsOf(`${path}[]`, items));
  if (isBlock(additionalProperties)) rows.push(...rowsOf(below('NAME'), additionalProperties));
  return [...rows, ...shapesOf(part).flatMap((shape) => rowsOf(path, shape))];
}

/** What may stand there, the environment not counted; each option that tells shapes apart says its word first. */
function shapesOf(part: Block): readonly Block[] {
  return [part['anyOf'], part['oneOf']].flatMap((list) =>
    Array.isArray(list) ? list.filter(isBlock).filter((shape) => shape['$ref'] === undefined) : [],
  );
}

function rowOf(path: string, option: Block, isNeeded: boolean): Row {
  const text = [textOf(option), ...(isNeeded ? ['*Needed.*'] : [])].join(' ').trim();
  return { path, takes: takesOf(option), text };
}

/** What is written there, in a word or two. */
function takesOf(option: Block): string {
  const shapes = shapesOf(option);
  if (shapes.length > 0) return [...new Set(shapes.map(takesOf))].filter(Boolean).join(' or ');
  const { enum: words, items, maximum, minimum, pattern, type } = option;
  const constant = constantOf(option);
  if (constant !== null) return `\`${constant}\``;
  if (Array.isArray(words)) return words.map((word) => `\`${String(word)}\``).join(', ');
  if (type === 'array') return isBlock(items) ? `list: ${takesOf(items)}` : 'list';
  if (type === 'integer' || type === 'number') {
    return typeof minimum === 'number' && typeof maximum === 'number'
      ? `${minimum} to ${maximum}`
      : 'number';
  }
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'object') return 'options';
  if (typeof pattern === 'string' && pattern.includes('(ms|s|m|h|d)')) return 'time';
  if (typeof pattern === 'string' && pattern.includes('KiB')) return 'size';
  return 'text';
}

function constantOf(option: Block): string | null {
  const { const: constant } = option;
  return typeof constant === 'string' || typeof constant === 'number' ? String(constant) : null;
}

function textOf(part: Block): string {
  const { description } = part;
  return typeof description === 'string' ? description : '';
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ path, takes, text }) => `| \`${path}\` | ${cell(takes)} | ${cell(text)} |\n`,
  );
  return `| option | takes | what it is |\n|---|---|---|\n${lines.join('')}`;
}

/** A bar would end the cell; a sign in angle brackets outside code would be markup. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((piece) => (piece.startsWith('`') ? piece : piece.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
}

function entriesOf(properties: unknown): readonly [string, Block][] {
  if (!isBlock(properties)) return [];
  return Object.entries(properties).flatMap(([name, option]): [string, Block][] =>
    isBlock(option) ? [[name, option]] : [],
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
