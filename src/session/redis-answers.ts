/* What scripts answer, as what it is: Redis knows strings, numbers, lists and nothing. */

export function textOf(answer: unknown): string {
  return typeof answer === 'string' ? answer : '';
}

export function numberOf(answer: unknown): number {
  return Number(answer);
}

export function textsOf(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map((one: unknown) => textOf(one)) : [];
}

export function listOf(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : [];
}

/** Rows `worker → sequence:bound` of the member table, as HGETALL gives them. */
export function memberRowsOf(
  answer: unknown,
): { readonly worker: string; readonly sequence: number; readonly boundMs: number }[] {
  const flat = textsOf(answer);
  const rows = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [sequence, boundMs] = (flat[index + 1] ?? '').split(':').map(Number);
    rows.push({ worker: flat[index] ?? '', sequence: sequence ?? 0, boundMs: boundMs ?? 0 });
  }
  return rows;
}
