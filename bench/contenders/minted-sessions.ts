import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/lib/clock.ts';
import { Secret } from '../../src/lib/secret.ts';
import { createSessionId } from '../../src/session/session.ts';
import { KeyRing } from '../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../src/tokens/session-token.ts';
import { benchUsers } from '../processes/bench-users.ts';
import type { BenchSession } from '../processes/gateway-process.ts';

/** A session that nobody logged in for. */
export interface MintedSession extends BenchSession {
  readonly id: string;
  readonly token: string;
  /** What the application is told, as the gateway would write it. */
  readonly identity: string;
}

const lifetimeMs = 24 * 3_600_000;
export const mintedCookieName = 'portcullis';

/** Sessions with tokens like the gateway's, for contenders that keep a table of them and know no logins. */
export class MintedSessions {
  readonly secret = randomBytes(48).toString('base64');
  readonly endsAtMs = systemClock.now() + lifetimeMs;
  readonly live: readonly MintedSession[];
  /** Nobody knows it any more. */
  readonly ended: MintedSession;

  constructor(count: number) {
    const keys = [{ id: 'bench', secret: new Secret(this.secret) }];
    const tokens = new SessionTokens(new KeyRing({ keys }));
    const mint = (index: number): MintedSession => {
      const user = benchUsers[index % benchUsers.length];
      if (user === undefined) throw new Error('there are no users');
      const { groups, role, username } = user;
      const id = createSessionId();
      const token = tokens.seal(id);
      const identity = JSON.stringify({ username, role, groups });
      return { username, id, token, identity, cookie: `${mintedCookieName}=${token}` };
    };
    this.live = Array.from({ length: count }, (_, index) => mint(index));
    this.ended = mint(count);
  }
}
