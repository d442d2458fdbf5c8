import { createHash, createHmac, randomBytes } from 'node:crypto';
import { nginxEscaped } from '../../src/observability/nginx-escape.ts';
import { Tier } from './tier.ts';

const key = randomBytes(32);
const tokenSeconds = 600;

function encoded(part: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** A fresh JWT (HS256), good for ten minutes from now. */
export function mintToken(lifetimeSeconds = tokenSeconds): string {
  const header = encoded({ typ: 'JWT', alg: 'HS256' });
  const nowSeconds = Math.floor((performance.timeOrigin + performance.now()) / 1000);
  const claims = encoded({
    ...{ iss: 'portcullis-demo', sub: 'alice', foo: 123, bar: 'qq', zyx: false },
    jti: randomBytes(8).toString('hex'),
    exp: nowSeconds + lifetimeSeconds,
  });
  const signature = createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url');
  return `${header}.${claims}.${signature}`;
}

/** Answers every path with a token. */
export function tokenTier(write: (line: string) => void): Tier {
  return new Tier(
    'tokens',
    (_request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      response.end(mintToken());
    },
    ({ headers }) => ` userinfo=${nginxEscaped(String(headers['x-userinfo'] ?? ''))}`,
    write,
  );
}

export const greeting = 'Hello from API server\n';

/** Answers every path with a greeting. Of the token its log has a hash only: whoever reads logs is not to be let in. */
export function apiTier(write: (line: string) => void): Tier {
  return new Tier(
    'api',
    (_request, response) => {
      response.setHeader('Content-Type', 'text/plain');
      response.end(greeting);
    },
    ({ headers }) => {
      const token = String(headers['x-authkey'] ?? '');
      const tag = createHash('sha256').update(token).digest('hex').slice(0, 8);
      return ` token=${token === '' ? '-' : tag}`;
    },
    write,
  );
}
