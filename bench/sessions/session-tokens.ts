import { hash } from 'node:crypto';
import type { TokensConfig } from '../../src/config/tokens.ts';
import { createSessionId } from '../../src/session/session.ts';
import { KeyRing } from '../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../src/tokens/session-token.ts';

/** Bytes that are the same in every process that asks for them. */
function bytesOf(what: string, index: number): Buffer {
  return hash('sha256', `bench ${what} ${index}`, 'buffer');
}

/** The id of the session with this number. */
export function idOf(index: number): string {
  return createSessionId((bytes) => bytesOf('id', index).subarray(0, bytes));
}

/** One token for each of so many sessions, always the same: a load that knows them all needs no list from elsewhere. */
export class TokenShelf {
  readonly #bytes: Buffer;
  readonly #length: number;

  constructor(config: TokensConfig, count: number) {
    let index = 0;
    const tokens = new SessionTokens(new KeyRing(config), (bytes) =>
      bytesOf('iv', index).subarray(0, bytes),
    );
    this.#length = tokens.seal(idOf(0)).length;
    this.#bytes = Buffer.alloc(count * this.#length);
    for (; index < count; index += 1) {
      this.#bytes.write(tokens.seal(idOf(index)), index * this.#length, 'latin1');
    }
  }

  tokenOf(index: number): string {
    const start = index * this.#length;
    return this.#bytes.toString('latin1', start, start + this.#length);
  }
}
