import type { Address } from '../config/address.ts';

/** How a spoofed identity is to be sent, and where it can be seen what came of it. */
export interface SpoofOrder {
  /** The public address, and a path there that leads to something which shows the request that it got. */
  readonly url: URL;
  /** PEM of the authorities that certify it; null: those that Node trusts. */
  readonly authorities: string | null;
  /** A Cookie field that logs the request in; null: without. */
  readonly cookie: string | null;
  /** Where we listen ourselves as such an upstream; null: the answer shows the request. */
  readonly probe: Address | null;
}
