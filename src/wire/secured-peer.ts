/** What TLS tells of a client: which of our certificates it chose, and who it is by its own. */
export interface SecuredPeer {
  /** Whether a request for this host belongs on this connection; else it is misdirected (RFC 9110 §15.5.20). */
  covers(host: string): boolean;
  /** The field lines that tell upstreams of the client's certificate; empty without one. */
  readonly identityFields: string;
}
