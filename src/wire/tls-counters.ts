/** Why a handshake failed. The names are the `reason` label of `portcullis_tls_failures_total`. */
export const HANDSHAKE_FAILURES = [
  'unknown-name',
  'version',
  'cipher',
  'protocol',
  'client-certificate',
  'refused-by-client',
  'not-tls',
  'timeout',
  'closed',
  'other',
] as const;

export type HandshakeFailure = (typeof HANDSHAKE_FAILURES)[number];

/** What a listener has seen of TLS since it started. */
export class TlsCounters {
  readonly listener: string;
  full = 0;
  resumed = 0;
  readonly failures: Record<HandshakeFailure, number>;

  constructor(listener: string) {
    this.listener = listener;
    this.failures = Object.fromEntries(HANDSHAKE_FAILURES.map((name) => [name, 0])) as Record<
      HandshakeFailure,
      number
    >; // one entry per name
  }
}

const byCode: Readonly<Record<string, HandshakeFailure>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'version',
  ERR_SSL_VERSION_TOO_LOW: 'version',
  ERR_SSL_NO_SHARED_CIPHER: 'cipher',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'cipher',
  // Where unknown names are refused, a client that names nobody meets a context without a certificate.
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'unknown-name',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'protocol',
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'client-certificate',
  ERR_SSL_HTTP_REQUEST: 'not-tls',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'not-tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-tls',
  ERR_SSL_RECORD_LAYER_FAILURE: 'not-tls',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
};

/** What an error of OpenSSL or of the socket says. */
export function handshakeFailureOf(error: Error): HandshakeFailure {
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string') return 'other';
  return byCode[code] ?? (code.includes('_ALERT_') ? 'refused-by-client' : 'other');
}
