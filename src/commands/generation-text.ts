/** What is printed when the workers have been replaced. */
export function generationText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('generation' in value)) return 'done\n';
  const changes = 'changes' in value ? linesOf(value.changes) : [];
  const exposures = 'exposures' in value ? linesOf(value.exposures) : [];
  return [
    ...changes.map((line) => `changed: ${line}\n`),
    ...exposures.map((line) => `warning: ${line}\n`),
    `done: generation ${String(value.generation)} serves\n`,
  ].join('');
}

function linesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
