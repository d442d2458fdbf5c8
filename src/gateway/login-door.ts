import type { Exchange } from './exchange.ts';
import type { Route } from './route.ts';

/**
 * Where the clients of a listener log in. Always one of our own paths or what the configuration says, never anything
 * that a client has named.
 */
export class LoginDoor {
  readonly #routes: readonly Route[];
  readonly #elsewhere: string | null;

  /** `elsewhere`: for a listener, or a host of it, without a login page. */
  constructor(routes: readonly Route[], elsewhere: string | null) {
    this.#routes = routes.filter(
      ({ target }) => target.kind === 'endpoint' && target.name === 'loginPage',
    );
    this.#elsewhere = elsewhere;
  }

  urlFor({ head }: Exchange): string | null {
    for (const route of this.#routes) {
      const { value } = route.config.path;
      if (route.matches(head.host, 'GET', value)) return value;
    }
    return this.#elsewhere;
  }
}
