/** Text that is HTML. Only `html` makes it, so whatever is not of this class is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text is escaped, nothing is nothing. */
export type Slot = string | number | Markup | readonly Slot[] | null | undefined | false;

/**
 * HTML with holes: html`<p title="${title}">${text}</p>`. What is filled in is escaped, for both places: between tags
 * and in a quoted attribute, which is where holes may be.
 */
export function html(pieces: TemplateStringsArray, ...slots: readonly Slot[]): Markup {
  let text = pieces[0] ?? '';
  for (const [index, slot] of slots.entries()) text += fill(slot) + (pieces[index + 1] ?? '');
  return new Markup(text);
}

function fill(slot: Slot): string {
  if (slot === null || slot === undefined || slot === false) return '';
  if (slot instanceof Markup) return slot.text;
  if (typeof slot === 'string') return escapeHtml(slot);
  return typeof slot === 'number' ? String(slot) : slot.map((part) => fill(part)).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe between tags and in a quoted attribute. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
