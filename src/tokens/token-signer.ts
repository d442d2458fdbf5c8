import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { SignerConfig } from '../config/token-service.ts';
import type { Clock } from '../lib/clock.ts';
import type { TokenAnswer, TokenQuestion, TokenService } from './token-service.ts';

/** Not used for so long before its end, as with the tokens of others. */
const marginMs = 2_000;

/** Signs short-lived tokens (JWT) for whoever is logged in: upstreams can check who it is by themselves. */
export class TokenSigner implements TokenService {
  readonly #config: SignerConfig;
  readonly #clock: Clock;

  constructor(config: SignerConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  async ask({ claims }: TokenQuestion): Promise<TokenAnswer> {
    const { algorithm, audience, issuer, keys, lifetimeMs } = this.#config;
    const [issuing] = keys;
    if (claims === null || issuing === undefined) {
      return { kind: 'broken', reason: 'nobody to sign for' };
    }
    const { actor, directory, groups, role, subject } = claims;
    const nowS = Math.floor(this.#clock.now() / 1000);
    const lifetimeS = Math.floor(lifetimeMs / 1000);
    try {
      const token = await new SignJWT({
        directory,
        role,
        groups: [...groups],
        // RFC 8693 §4.1.
        ...(actor !== null && { act: { sub: actor } }),
      })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: issuing.id })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setJti(randomUUID())
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + lifetimeS)
        .sign(createPrivateKey(issuing.pem.reveal()));
      return { kind: 'token', token, livesMs: lifetimeS * 1000 - marginMs };
    } catch (error) {
      return { kind: 'broken', reason: error instanceof Error ? error.name : 'no signature' };
    }
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
