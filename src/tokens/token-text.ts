import type { Clock } from '../lib/clock.ts';
import type { TokenAnswer } from './token-service.ts';

/** Not used for so long before its end: clocks differ, and a request is on its way for a while. */
const marginMs = 2_000;

/** RFC 6750 §2.1: what a field can carry, and no page of HTML or JSON. */
const textPattern = /^[A-Za-z0-9._~+/-]+=*$/;
const jwtPattern = /^[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/** What a service has said, as a token; the signature is the upstream's to check. */
export function tokenOf(body: string, format: 'jwt' | 'text', clock: Clock): TokenAnswer {
  const token = body.replace(/\r?\n$/, '');
  if (format === 'text') {
    return textPattern.test(token)
      ? { kind: 'token', token, livesMs: null }
      : { kind: 'broken', reason: 'the answer is no token' };
  }
  const endsAtMs = endOf(token);
  if (endsAtMs === 'none') return { kind: 'broken', reason: 'the answer is no JWT' };
  if (endsAtMs === null) return { kind: 'token', token, livesMs: null };
  // `exp` may have a fraction; stores keep whole milliseconds.
  const livesMs = Math.floor(endsAtMs - clock.now() - marginMs);
  return livesMs > 0
    ? { kind: 'token', token, livesMs }
    : { kind: 'broken', reason: 'the token has expired' };
}

/** Null for a JWT that names no end. */
function endOf(token: string): number | null | 'none' {
  const [, payload] = jwtPattern.exec(token) ?? [];
  if (payload === undefined) return 'none';
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null) return 'none';
    const end: unknown = Reflect.get(claims, 'exp');
    if (end === undefined) return null;
    return typeof end === 'number' && Number.isFinite(end) ? end * 1000 : 'none';
  } catch {
    return 'none';
  }
}
