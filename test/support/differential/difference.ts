import type { Reading, RequestReading } from './reading.ts';

/**
 * How our reading says something that Node's does not, or null. What we refuse may be anything to Node; what we hand on
 * has to be there, the same to the octet, and what we wait for Node has to wait for, too.
 */
export function differenceFromNode(ours: Reading, node: Reading): string | null {
  for (const [index, request] of ours.requests.entries()) {
    const other = node.requests[index];
    const which = `request ${String(index)}`;
    if (other === undefined) return `${which} is refused by Node: ${node.reason}`;
    const head = differenceOfHeads(request, other);
    if (head !== null) return `${which} has another ${head}`;
    if (request.isWhole) {
      if (!other.isWhole)
        return `${which} has a body that Node ${node.end === 'open' ? 'waits for' : `refuses: ${node.reason}`}`;
      if (request.body !== other.body) return `${which} has another body`;
    } else if (ours.end === 'open') {
      if (other.isWhole) return `${which} has a body that ends earlier for Node`;
      if (request.body !== other.body && node.end === 'open')
        return `${which} has another part of a body`;
    }
    // Also of a body that is refused in the end, a part went on.
    if (!other.body.startsWith(request.body)) return `${which} has a body that begins differently`;
  }
  if (ours.end === 'open' && node.requests.length > ours.requests.length)
    return 'Node reads a request that we wait for';
  return null;
}

function differenceOfHeads(one: RequestReading, other: RequestReading): string | null {
  if (one.method !== other.method) return 'method';
  if (one.target !== other.target) return 'target';
  if (one.version !== other.version) return 'version';
  if (one.fields.length !== other.fields.length) return 'number of fields';
  for (let at = 0; at < one.fields.length; at++) {
    if (one.fields[at] !== other.fields[at]) return at % 2 === 0 ? 'field name' : 'field value';
  }
  return null;
}

/** The reasons of a head that is refused before it is whole, because it never can be read. */
const EARLY: ReadonlySet<string> = new Set([
  'bare-line-feed',
  'version',
  'target-too-long',
  'head-too-large',
]);

/** How the pieces in which it came changed what we read, or null. An early refusal may give its reason earlier. */
export function differenceBySplit(whole: Reading, split: Reading): string | null {
  if (whole.end !== split.end)
    return `${whole.end} (${whole.reason}) as a whole, ${split.end} (${split.reason}) in pieces`;
  if (whole.reason !== split.reason && !EARLY.has(split.reason) && !EARLY.has(whole.reason)) {
    return `refused for ${whole.reason} as a whole, for ${split.reason} in pieces`;
  }
  if (whole.requests.length !== split.requests.length)
    return 'another number of requests in pieces';
  for (const [index, request] of whole.requests.entries()) {
    const other = split.requests[index];
    if (other === undefined) continue;
    const head = differenceOfHeads(request, other);
    if (head !== null) return `another ${head} in pieces`;
    if (request.body !== other.body || request.isWhole !== other.isWhole)
      return 'another body in pieces';
  }
  return null;
}
