/**
 * Longest user name in characters (code points), after normalisation: as in Django's user table.
 */
export const usernameCharactersMax = 150;

/**
 * Cap on the raw input, in UTF-16 units: no name that fits afterwards is longer in practice, and it
 * bounds what normalising may cost.
 */
const rawUnitsMax = 4 * usernameCharactersMax;

/**
 * Controls, line breaks, halves of surrogate pairs, and the marks that turn the writing direction:
 * what would let a name forge or disguise a line of a log or of a list.
 */
const forbidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;

/**
 * The one spelling under which a typed user name is looked up and counted: NFKC (so that full-width
 * or ligature look-alikes are no second name) and trimmed. Upper and lower case stay: whether they
 * differ is the directory's to say. Null for what cannot be a name. Applying it twice changes
 * nothing.
 */
export function canonicalUsername(raw: string): string | null {
  if (raw.length > rawUnitsMax) return null;
  const normal = raw.normalize('NFKC');
  if (forbidden.test(normal)) return null;
  const name = normal.trim();
  if (name === '' || [...name].length > usernameCharactersMax) return null;
  return name;
}
