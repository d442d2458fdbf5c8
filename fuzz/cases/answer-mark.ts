/** The field by which a client can tell whose answer it got. */
export const ANSWER_MARK = 'x-answer';
/** What an answer says that was never meant to be one: it stands inside bodies and behind answers. */
export const STRAY = 'stray';

const check = (index: number, turn: number): number =>
  (index * 7919 + turn * 104_729 + 17) % 99_991;

/** Of the answer to the `turn`th request of a case; it cannot be spoilt into the mark of another one by chance. */
export function markOf(index: number, turn: number): string {
  return `${index}.${turn}.${check(index, turn)}`;
}

/** The case that a mark belongs to; -1 for what is none, as a spoilt one. */
export function caseOfMark(value: string): number {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(value);
  if (match === null) return -1;
  const [index = 0, turn = 0, sum = 0] = match.slice(1).map(Number);
  return check(index, turn) === sum ? index : -1;
}
