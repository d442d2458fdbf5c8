import type { Reply } from '../http/reply.ts';
import type { Exchange } from './exchange.ts';

/** A URL that is answered in this process; the composition root hands the table of them in. */
export interface Endpoint {
  /** Of a longer body nothing is read; 0: the endpoint takes none. */
  readonly bodyBytesMax: number;
  answer(exchange: Exchange): Reply | Promise<Reply>;
}
