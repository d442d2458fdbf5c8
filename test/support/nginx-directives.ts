/** One directive of an NGINX configuration, with the blocks that it stands in. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly context: readonly string[];
}

const WORD = /#[^\n]*|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([;{}])|((?:\$\{|[^\s;{}'"#])+)/g;

/** All directives of a text; `around` are the blocks that it is included into. */
export function directivesOf(text: string, around: readonly string[]): Directive[] {
  const found: Directive[] = [];
  const context = [...around];
  let words: string[] = [];
  for (const [whole, single, double, sign, word] of text.matchAll(WORD)) {
    if (whole.startsWith('#')) continue;
    if (sign === undefined) {
      words.push(single ?? double ?? word ?? '');
      continue;
    }
    const [name, ...args] = words;
    words = [];
    if (name !== undefined) found.push({ name, args, context: [...context] });
    if (sign === '{') context.push(name ?? '');
    if (sign === '}') context.pop();
  }
  if (context.length !== around.length || words.length > 0) throw new Error('unbalanced blocks');
  return found;
}
