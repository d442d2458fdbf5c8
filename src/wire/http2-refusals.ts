import type { Refusal } from './refusals.ts';

/**
 * What no honest client of HTTP/2 can say by mistake: that its request be read in two ways. The frames hold, so nobody
 * else's request is in danger, but whoever tries is not asked again: the connection ends behind the streams that are under
 * way (GOAWAY). Anything else ends its own stream only (RFC 9113 §5.4.2).
 */
const TWO_READINGS: ReadonlySet<Refusal> = new Set<Refusal>([
  'bare-line-feed',
  'field-line',
  'field-octet',
  'host-mismatch',
  'host-duplicate',
  'length-malformed',
  'length-duplicate',
  'length-and-coding',
  'coding-duplicate',
  'coding-malformed',
  'coding-unknown',
  'coding-in-http2',
]);

export function endsConnection(refusal: Refusal): boolean {
  return TWO_READINGS.has(refusal);
}
