import { FieldId } from '../http/field-names.ts';
import { nominations } from '../http/nominations.ts';
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
  const { fields } = head;
  const nominated = nominations(head.nominated);
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index);
    if (name.isHopByHop || name.id === FieldId.contentLength) fields.drop(index);
    else if (name.isManaged) {
      fields.drop(index);
      counters.managedDropped++;
    } else if (name.id === FieldId.setCookie && setsOwnCookie(fields.value(index), ownCookies)) {
      fields.drop(index);
      counters.cookiesDropped++;
    } else if (nominated?.has(name.lower) === true) fields.drop(index);
  }
}

function setsOwnCookie(value: string, ownCookies: ReadonlySet<string>): boolean {
  // A cookie without a name is sent back as its bare value, which can be spelled like ours.
  if (/^\s*=/.test(value)) return true;
  const end = value.search(/[=;]/);
  return ownCookies.has(cookieBaseName((end < 0 ? value : value.slice(0, end)).trim()));
}

/** All Cache-Control values that go to the client; empty if there are none. */
export function cacheControlOf({ fields }: ResponseHead): string {
  let joined = '';
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).id !== FieldId.cacheControl || fields.isDropped(index)) continue;
    joined = joined === '' ? fields.value(index) : `${joined}, ${fields.value(index)}`;
  }
  return joined;
}

/** A shared cache might keep such an answer, and with it what was meant for one client. */
export function mayBeShared(cacheControl: string): boolean {
  if (cacheControl === '') return false; // then we say `private`
  if (/(?:^|[,\s])(?:public|s-maxage)(?:$|[,\s=])/i.test(cacheControl)) return true;
  return !/(?:^|[,\s])(?:private|no-store|no-cache)(?:$|[,\s])/i.test(cacheControl);
}
