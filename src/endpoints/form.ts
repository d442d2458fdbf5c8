import type { EndpointRequest } from './endpoint.ts';

/** The fields of a form, each of them once. */
export type Form = ReadonlyMap<string, string>;

/** Our forms have fewer. */
const fieldsMax = 20;
const mediaType = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Whether the body is what a browser makes of a form. What begins with `{` is JSON whatever its content type says: curl
 * sends everything as a form unless it is told otherwise, and nothing that a form of ours sends begins like that.
 */
export function isForm(request: EndpointRequest): boolean {
  const { body } = request;
  return body.length > 0 && body[0] !== 0x7b && mediaType.test(request.field('content-type') ?? '');
}

/** Null for what no form of ours sends: a field twice, too many of them, octets that are no text. */
export function readForm({ body }: EndpointRequest): Form | null {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return null;
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name) || form.size === fieldsMax) return null;
    form.set(name, value);
  }
  return form;
}
