/** What a valid `traceparent` says of the trace. */
export interface TraceParent {
  readonly traceId: string;
  /** Two hexadecimal digits: the bits that are known of version 00, sampled and random. */
  readonly flags: string;
}

/** Neither the trace id nor the parent id may be all zeros; behind the flags only a later version has more. */
const form = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;
const lengthOf00 = 55;
const knownFlags = ['00', '01', '02', '03'] as const;

/** W3C Trace Context §3.2. Null: it is none, and a new trace begins. Later versions are read as far as 00 goes. */
export function readTraceParent(value: string): TraceParent | null {
  if (!form.test(value) || value.startsWith('ff')) return null;
  if (value.startsWith('00') && value.length !== lengthOf00) return null;
  const bits = Number.parseInt(value.slice(54, 55), 16) & 3;
  return { traceId: value.slice(3, 35), flags: knownFlags[bits] ?? '00' };
}

/** What must be passed on at least (§3.3.1.5); longer ones are not. */
const stateLengthMax = 512;
const membersMax = 32;
/** Members above this length go first. */
const longMember = 128;
const member =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The `tracestate` that goes on, of all its fields in their order; empty where there is none that is valid. */
export function passedTraceState(values: readonly string[]): string {
  const members = values
    .flatMap((value) => value.split(','))
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const keys = new Set(members.map((one) => one.slice(0, one.indexOf('='))));
  if (members.length > membersMax || keys.size < members.length) return '';
  if (!members.every((one) => member.test(one))) return '';
  let kept = members;
  if (kept.join(',').length > stateLengthMax) kept = kept.filter((one) => one.length <= longMember);
  while (kept.join(',').length > stateLengthMax) kept = kept.slice(0, -1);
  return kept.join(',');
}
