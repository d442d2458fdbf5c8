/**
 * The table below a heading of a document, by its first column: each row by the names of the other columns. Marks of
 * code are taken off.
 */
export function markdownTable(
  text: string,
  heading: string,
): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.includes(heading));
  if (start < 0) throw new Error(`no heading ${heading}`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  const table = lines.slice(first, end < 0 ? undefined : end).map(cellsOf);
  const [names = []] = table;
  return new Map(
    table
      .slice(2)
      .map((cells) => [
        cells[0] ?? '',
        Object.fromEntries(names.slice(1).map((name, index) => [name, cells[index + 1] ?? ''])),
      ]),
  );
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));
}
