/**
 * A head whose fields of one name stand together, in the first one's spelling, and those whose names are numbers before
 * all others: in the order in which an object keeps them. Whoever carries handshakes of WebSockets takes heads apart
 * into one, so this is how they go upstream, and what is shown of them must be what goes.
 */
export function bundledHead(text: string): string {
  const [start = '', ...lines] = text.slice(0, -4).split('\r\n');
  const bundles = new Map<string, { readonly name: string; lines: string }>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const lower = line.slice(0, colon).toLowerCase();
    const bundle = bundles.get(lower);
    if (bundle === undefined) {
      bundles.set(lower, { name: line.slice(0, colon), lines: `${line}\r\n` });
    } else bundle.lines += `${bundle.name}${line.slice(colon)}\r\n`;
  }
  const inOrder = Object.values(Object.fromEntries(bundles));
  return `${start}\r\n${inOrder.map((bundle) => bundle.lines).join('')}\r\n`;
}
