import { FieldId } from '../http/field-names.ts';
import type { ResponseHead } from '../wire/response-head.ts';

/** What an upstream may not say, counted. */
export class ResponseCounters {
  /** Fields that only we set (`X-UserInfo` in an answer, say). */
  managedDropped = 0;
  /** Set-Cookie fields with a name of ours. */
  cookiesDropped = 0;
}

const PREFIX = /^__(?:Host|Secure)-/i;

/** The name that a browser may confuse with ours: any case, with or without a prefix. */
export function cookieBaseName(name: string): string {
  return name.replace(PREFIX, '').toLowerCase();
}

/** Takes out of an upstream's answer what belongs to the connection, and what only we may say. */
export function dropResponseFields(
  head: ResponseHead,
  ownCookies: ReadonlySet<string>,
  counters: ResponseCounters,
): void {
  const { fields, nominated } = head;
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index);
    if (name.isHopByHop || name.id === FieldId.contentLength) fields.drop(index);
    else if (name.isManaged) {
      fields.drop(index);
      counters.managedDropped++;
    } else if (name.id === FieldId.setCookie && setsOwnCookie(fields.value(index), ownCookies)) {
      fields.drop(index);
      counters.cookiesDropped++;
    } else if (nominated.length > 0 && nominated.includes(name.lower)) fields.drop(index);
  }
}

function setsOwnCookie(value: string, ownCookies: ReadonlySet<string>): boolean {
  const end = value.search(/[=;]/);
  return ownCookies.has(cookieBaseName((end < 0 ? value : value.slice(0, end)).trim()));
}

/** The first Cache-Control value, or undefined. */
export function cacheControlOf(head: ResponseHead): string | undefined {
  return head.fields.get('cache-control');
}

export function isPublic(cacheControl: string | undefined): boolean {
  return (
    cacheControl !== undefined && /(?:^|[,\s])(?:public|s-maxage)(?:$|[,\s=])/i.test(cacheControl)
  );
}
