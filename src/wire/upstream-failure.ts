/**
 * Why an upstream gave no (whole) answer, with the status that the client sees when nothing was sent to it yet. The
 * names are the `kind` label of `portcullis_upstream_failures_total` and part of the public interface.
 */
export const UPSTREAM_FAILURE_STATUS = {
  'connect-failed': 502,
  'connect-timeout': 504,
  /** No handshake: no TLS there, a certificate that does not prove the name, or ours was not taken. */
  tls: 502,
  /** The connection ended before the answer did. */
  closed: 502,
  reset: 502,
  /** The answer breaks RFC 9112 or can be read in two ways. */
  malformed: 502,
  'head-too-large': 502,
  'first-byte-timeout': 504,
  'idle-timeout': 504,
  'queue-full': 503,
  'queue-timeout': 503,
} as const;

export type UpstreamFailure = keyof typeof UPSTREAM_FAILURE_STATUS;
export const UPSTREAM_FAILURES = Object.keys(UPSTREAM_FAILURE_STATUS) as UpstreamFailure[]; // keys of a literal
