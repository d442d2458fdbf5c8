/** What a primary gives to a worker, beside its configuration. */
export interface WorkerSeat {
  /** 1 for the first. */
  readonly place: number;
  /** What the server of a listener listens on. */
  socketOf(listener: string): SharedSocket;
  /** Null: the listener had no TLS in the eyes of the primary. */
  ticketKeys(listener: string): Uint8Array | null;
  /** Asks the primary; null: no answer within the time. */
  ask(topic: string, body: unknown, timeoutMs: number): Promise<unknown>;
  /** Hears whenever there are new ones. */
  onTicketKeys(listener: string, renew: (keys: Uint8Array) => void): void;
}

/** A bound socket that all workers accept from. */
export interface SharedSocket {
  readonly native: object;
  readonly port: number;
}
