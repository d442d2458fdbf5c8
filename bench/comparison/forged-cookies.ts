import { randomBytes } from 'node:crypto';

/**
 * Cookies that look like ours and are not: the header of a real token, so that the grammar and the key id are right,
 * and random bytes of the right length in all other parts. Only decrypting tells them from a real one.
 */
export function forgedCookies(realCookie: string, count: number): string[] {
  const [name = '', token = ''] = realCookie.split('=');
  const [header = '', ...parts] = token.split('.');
  return Array.from({ length: count }, () => {
    const forged = parts.map((part) =>
      randomBytes(Buffer.from(part, 'base64url').length).toString('base64url'),
    );
    return `${name}=${[header, ...forged].join('.')}`;
  });
}
