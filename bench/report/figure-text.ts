/** A number with as many digits as say something: 3 to 4, and no more than two behind the point. */
export function figureText(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return grouped(value.toFixed(digits));
}

/** `1234567` → `1,234,567`. */
function grouped(text: string): string {
  const [whole = '', ...rest] = text.split('.');
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, ','), ...rest].join('.');
}

/** `0.503`; a ratio is read to the third digit. */
export function ratioText(value: number | null): string {
  return value === null ? '–' : value.toFixed(value < 0.1 ? 3 : 2);
}
