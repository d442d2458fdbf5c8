import { textThat } from './kinds.ts';

const expected =
  'an origin as browsers spell it, such as https://app.example.org (lower case, no path, no default port)';

/** A scheme with a host, as it stands in Origin. */
export function origin() {
  return textThat(isOrigin, /^https?:\/\/[a-z0-9._:[\]-]+$/, expected);
}

/** What `URL` would not change: a browser's spelling and ours must be the same. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}
