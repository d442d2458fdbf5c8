/**
 * The part of a terminal's input stream that reading without echo needs; `process.stdin` has it.
 */
export interface TerminalInput {
  setRawMode(isRaw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  on(event: 'close' | 'end', listener: () => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'close' | 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export type HiddenLines =
  | { readonly kind: 'entered'; readonly lines: readonly string[] }
  /** Ctrl-C, or the terminal went away. */
  | { readonly kind: 'interrupted' };

/**
 * Asks for one line per prompt without showing what is typed. All lines are read in one span of raw
 * mode, so that nothing typed ahead is echoed or lost between them; the terminal is put back
 * however it ends.
 */
export async function readHiddenLines(
  input: TerminalInput,
  say: (text: string) => void,
  prompts: readonly string[],
): Promise<HiddenLines> {
  const { promise, resolve } = Promise.withResolvers<HiddenLines>();
  const entry = new Entry();
  const lines: string[] = [];
  const onText = (text: string): void => {
    for (const key of text) {
      const event = entry.press(key);
      if (event === 'typed') continue;
      say('\n');
      if (event === 'interrupted') {
        resolve({ kind: 'interrupted' });
        return;
      }
      lines.push(event.line);
      const prompt = prompts[lines.length];
      if (prompt === undefined) {
        resolve({ kind: 'entered', lines });
        return;
      }
      say(prompt);
    }
  };
  const onEnd = (): void => resolve({ kind: 'interrupted' });
  input.setEncoding('utf8');
  // Before the prompt: what is typed at the sight of it must not be shown.
  input.setRawMode(true);
  try {
    input.on('data', onText);
    input.on('end', onEnd);
    input.on('close', onEnd);
    input.resume();
    say(prompts[0] ?? '');
    return await promise;
  } finally {
    input.off('data', onText);
    input.off('end', onEnd);
    input.off('close', onEnd);
    input.setRawMode(false);
    // A terminal that is still read would keep the process alive.
    input.pause();
  }
}

/**
 * In raw mode the terminal edits nothing, so the line is edited here.
 *
 * state    | key                 | next
 * text     | Escape              | escape
 * escape   | [ or O              | sequence (of an arrow or function key)
 * escape   | any other           | text, the key is dropped (Alt and a key)
 * sequence | @ to ~              | text
 * sequence | any other           | sequence
 */
class Entry {
  #state: 'text' | 'escape' | 'sequence' = 'text';
  #characters: string[] = [];

  press(key: string): 'typed' | 'interrupted' | { readonly line: string } {
    if (key === '\u0003') return 'interrupted';
    if (this.#state === 'escape') {
      this.#state = key === '[' || key === 'O' ? 'sequence' : 'text';
      return 'typed';
    }
    if (this.#state === 'sequence') {
      if (key >= '@' && key <= '~') this.#state = 'text';
      return 'typed';
    }
    switch (key) {
      case '\r':
      case '\n':
      case '\u0004': {
        const line = this.#characters.join('');
        this.#characters = [];
        return { line };
      }
      case '\u001B':
        this.#state = 'escape';
        break;
      case '\b':
      case '\u007F':
        this.#characters.pop();
        break;
      case '\u0015':
        this.#characters = [];
        break;
      default:
        // No other control character is part of a password that somebody types.
        if (key >= ' ') this.#characters.push(key);
    }
    return 'typed';
  }
}
