import type { TargetProblem } from '../http/request-target.ts';

/**
 * Every reason for which a request is refused before anybody asks who sent it, with its status. The names are the
 * `reason` label of `portcullis_rejected_total` and part of the public interface.
 */
export const REFUSAL_STATUS = {
  // Framing of the head (RFC 9112 §2–§5).
  'request-line': 400,
  'bare-line-feed': 400,
  version: 505,
  'method-unknown': 501,
  'method-forbidden': 405,
  'target-octet': 400,
  'target-form': 400,
  'target-too-long': 414,
  'head-too-large': 431,
  'fields-too-many': 431,
  'field-line': 400,
  'field-name': 400,
  'field-octet': 400,
  // Path (RFC 3986 §6.2.2, and what proxies and applications read differently).
  'path-backslash': 400,
  'path-nul': 400,
  'path-percent': 400,
  'path-encoded-slash': 400,
  'path-empty-segment': 400,
  'path-parameters': 400,
  'path-escapes': 400,
  // Host (RFC 9112 §3.2).
  'host-missing': 400,
  'host-duplicate': 400,
  'host-malformed': 400,
  'host-mismatch': 400,
  /** Another certificate of the listener serves it than the one of this connection. */
  'host-misdirected': 421,
  // Framing of the body (RFC 9112 §6).
  'length-malformed': 400,
  'length-duplicate': 400,
  'length-and-coding': 400,
  'coding-duplicate': 400,
  'coding-malformed': 400,
  'coding-unknown': 501,
  'coding-in-http10': 400,
  'coding-in-http2': 400,
  'body-too-large': 413,
  'chunk-size': 400,
  'chunk-extension': 413,
  'chunk-end': 400,
  'trailer-malformed': 400,
  'trailer-too-large': 431,
  'body-incomplete': 400,
  // Fields that two readers read differently.
  'authorization-duplicate': 400,
  'field-alias': 400,
  expect: 417,
  /** Octets behind the handshake of a WebSocket, before it was answered. */
  'upgrade-early': 400,
  // Questions of proxies in front: who asks, and about what.
  'peer-untrusted': 403,
  'not-described': 403,
  'target-not-canonical': 403,
  'handshake-unsound': 403,
  // Time.
  'head-timeout': 408,
  'body-timeout': 408,
} as const;

export type Refusal = keyof typeof REFUSAL_STATUS;

/** Every target problem is a refusal of the same name; this line fails to compile when one is missing. */
export const refusalOfTarget = (problem: TargetProblem): Refusal => problem;
