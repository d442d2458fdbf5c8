import type { Reply } from '../http/reply.ts';

/** What can go wrong, as clients of the API of NGINX Plus know it; the last two it does not have. */
const errors = {
  UnknownVersion: [404, 'unknown version'],
  PathNotFound: [404, 'path not found'],
  KeyvalNotFound: [404, 'keyval not found'],
  KeyvalKeyNotFound: [404, 'keyval key not found'],
  MethodDisabled: [405, 'method disabled'],
  KeyvalKeyExists: [409, 'key already exists'],
  KeyvalFormatError: [400, 'keyval format error'],
  JsonError: [415, 'json error'],
  KeyvalZoneFull: [507, 'the zone is full'],
  StoreUnavailable: [503, 'the store does not answer'],
} as const;

export type KeyvalErrorCode = keyof typeof errors;

const href = 'https://nginx.org/en/docs/http/ngx_http_api_module.html';

export const keyvalFields: Reply['fields'] = [
  ['Content-Type', 'application/json'],
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
];

/** `version`: null where the path names none. Up to 3 an error has two more members, which are empty. */
export function keyvalError(
  code: KeyvalErrorCode,
  requestId: string,
  version: number | null,
  text: string = errors[code][1],
): Reply {
  const [status] = errors[code];
  const old = version !== null && version <= 3 ? { path: '', method: '' } : {};
  const body = JSON.stringify({
    ...{ error: { status, text, code, ...old }, request_id: requestId },
    href,
  });
  const more: Reply['fields'] = status === 503 ? [['Retry-After', '1']] : [];
  return { status, fields: [...keyvalFields, ...more], body };
}
