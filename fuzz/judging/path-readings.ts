/** What the fuzzed gateway lets nobody reach without a session. */
const GUARDED = /^\/(?:private|pri!vate|ws-private)\//;
const UNRESERVED = /[A-Za-z0-9._~-]/;

function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') kept.pop();
    else kept.push(segment);
  }
  const isFolder = ['', '.', '..'].includes(segments.at(-1) ?? '');
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isFolder ? '/' : ''}`;
}

const decoded = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
const withoutParameters = (path: string): string => path.replace(/;[^/]*/g, '');
const withSlashes = (path: string): string => path.replaceAll('\\', '/');

const STEPS = [decoded, withoutParameters, withSlashes] as const;
/** Each step once: who decodes twice reads what no standard knows. */
const ORDERS = STEPS.flatMap((first) =>
  STEPS.filter((second) => second !== first).map((second) => {
    const third = STEPS.find((step) => step !== first && step !== second);
    return [first, second, third ?? withSlashes] as const;
  }),
);

/** Whether some server reads a path, once decoded, as one that needs a session. */
export function leadsBehindGuard(target: string): boolean {
  const [path = ''] = target.split('?', 1);
  if (!/pri|%70|ws-|[;%\\]/i.test(path)) return false;
  return ORDERS.some((steps) => {
    let reading = path;
    for (const step of steps) {
      reading = withoutDots(step(reading));
      if (GUARDED.test(reading)) return true;
    }
    return false;
  });
}

/** The target as RFC 3986 §6.2.2 has it, worked out anew: what an upstream has to be asked for. */
export function expectedTarget(target: string): string {
  const origin = /^https?:\/\/[^/?]+(.*)$/i.exec(target);
  const form = origin === null ? target : (origin[1] ?? '').replace(/^(?!\/)/, '/');
  const mark = form.indexOf('?');
  const path = mark < 0 ? form : form.slice(0, mark);
  const plain = path.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(char) ? char : whole.toUpperCase();
  });
  return withoutDots(plain) + (mark < 0 ? '' : form.slice(mark));
}
