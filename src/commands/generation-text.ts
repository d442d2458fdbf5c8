/** What is printed when the workers have been replaced. */
export function generationText(value: unknown): string {
  const generation =
    typeof value === 'object' && value !== null && 'generation' in value ? value.generation : '?';
  return `done: generation ${String(generation)} serves\n`;
}
