import type { Socket } from 'node:net';
import tls, { type SecureContext, type TLSSocket } from 'node:tls';
import type { ClientCertificatesConfig, TlsConfig } from '../config/tls.ts';
import type { Certificates } from './certificates.ts';
import { identityFieldsOf } from './client-identity.ts';
import type { Deadlines } from './deadlines.ts';
import { Handshake } from './handshake.ts';
import type { SecuredPeer } from './secured-peer.ts';
import { type HandshakeFailure, handshakeFailureOf, type TlsCounters } from './tls-counters.ts';

/**
 * The record of a fatal `unrecognized_name` (RFC 6066 §3). Node has no way to send it; at this point, the client's hello
 * read and nothing sent, it is these seven octets in the clear.
 */
const UNRECOGNIZED_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

type Opened = (socket: TLSSocket, secured: SecuredPeer) => void;

/**
 * Where the connections of a listener become secure. It is given sockets that were admitted already, so that caps come
 * before the cost of a handshake.
 */
export class SecureDoor {
  readonly #config: TlsConfig;
  readonly #certificates: Certificates;
  readonly #deadlines: Deadlines;
  readonly #counters: TlsCounters;
  readonly #server: tls.Server;
  readonly #handshakes = new Map<string, Handshake>();
  /** Ended by us and counted; Node's own word about each is still to come. */
  #ended = 0;

  /** `protocols`: what is announced to clients, the preferred one first. */
  constructor(parts: {
    config: TlsConfig;
    certificates: Certificates;
    protocols: readonly string[];
    deadlines: Deadlines;
    counters: TlsCounters;
  }) {
    const { certificates, config, protocols } = parts;
    this.#config = config;
    this.#certificates = certificates;
    this.#deadlines = parts.deadlines;
    this.#counters = parts.counters;
    const { clientCertificates } = config;
    const chooseContext = this.#chooseContext.bind(this);
    this.#server = tls.createServer({
      ...certificates.fallbackOptions,
      ALPNProtocols: [...protocols],
      requestCert: clientCertificates !== null,
      // Without one in `request` mode: `#secured` judges those that came.
      rejectUnauthorized: clientCertificates?.mode === 'require',
      // Node calls it as a method of the socket that shakes hands.
      SNICallback(this: unknown, name: string, done: ContextChosen) {
        chooseContext(this instanceof tls.TLSSocket ? this : null, name, done);
      },
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
    certificates.changed = () => this.#server.setSecureContext(certificates.fallbackOptions);
  }

  /** `opened` hears of success; `raw` closes otherwise. */
  open(raw: Socket, opened: Opened): Handshake {
    const key = keyOf(raw);
    const handshake = new Handshake(raw, opened, {
      expired: () => this.#end(handshake, 'timeout'),
      over: () => {
        this.#deadlines.remove(handshake);
        if (this.#handshakes.get(key) === handshake) this.#handshakes.delete(key);
      },
    });
    this.#handshakes.set(key, handshake);
    this.#deadlines.add(handshake);
    handshake.deadlineMs = this.#deadlines.nowMs + this.#config.handshakeTimeoutMs;
    this.#server.emit('connection', raw);
    return handshake;
  }

  /** Never throws: an exception here would be nobody's (CVE-2026-21637). */
  #chooseContext(socket: TLSSocket | null, asked: string, done: ContextChosen): void {
    const context = this.#certificates.contextOf(hostOf(asked));
    if (context !== undefined) done(null, context);
    else if (this.#config.unknownNames === 'default') done(null);
    else {
      const handshake = socket === null ? undefined : this.#handshakes.get(keyOf(socket));
      handshake?.socket.write(UNRECOGNIZED_NAME);
      done(new UnknownName());
    }
  }

  #secured(socket: TLSSocket): void {
    const handshake = this.#handshakes.get(keyOf(socket));
    const { clientCertificates } = this.#config;
    const identityFields =
      clientCertificates === null ? '' : clientFields(socket, clientCertificates);
    if (handshake === undefined || identityFields === null) {
      this.#counters.failures[handshake === undefined ? 'closed' : 'client-certificate']++;
      socket.on('error', () => {}).destroy();
      return;
    }
    socket.allowHalfOpen = true; // not before: who leaves in the middle of a handshake has left
    if (socket.isSessionReused()) this.#counters.resumed++;
    else this.#counters.full++;
    let asked = hostOf(socket.servername);
    // OpenSSL forgets the name where it resumes a session of TLS 1.2: the first request says it then. Nobody gains by a
    // wrong one, for no session of a client with a certificate is ever resumed.
    let isForgotten = asked === '' && socket.isSessionReused();
    const certificates = this.#certificates;
    let known = '';
    handshake.succeed(socket, {
      identityFields,
      covers(host) {
        // The same one again and again.
        if (host === known) return true;
        if (isForgotten) asked = host;
        isForgotten = false;
        if (!certificates.covers(asked, host)) return false;
        known = Buffer.from(host, 'latin1').toString('latin1'); // a slice would keep a whole head alive
        return true;
      },
    });
  }

  #failed(error: Error, socket: TLSSocket): void {
    const handshake = this.#handshakes.get(keyOf(socket));
    socket.destroy();
    const failure = failureOf(error, socket);
    if (handshake === undefined && failure === 'closed' && this.#ended > 0) this.#ended--;
    else this.#counters.failures[failure]++;
  }

  #end(handshake: Handshake, failure: HandshakeFailure): void {
    this.#counters.failures[failure]++;
    this.#ended++;
    handshake.destroy();
  }
}

type ContextChosen = (error: Error | null, context?: SecureContext) => void;

class UnknownName extends Error {}

function failureOf(error: Error, socket: TLSSocket): HandshakeFailure {
  if (error instanceof UnknownName) return 'unknown-name';
  // Node ends a connection whose certificate does not verify, and calls that a reset.
  return socket.authorizationError ? 'client-certificate' : handshakeFailureOf(error);
}

/** Null: it showed one that does not verify, or that no field can carry. */
function clientFields(socket: TLSSocket, config: ClientCertificatesConfig): string | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return config.mode === 'require' ? null : '';
  return socket.authorized ? identityFieldsOf(certificate, config) : null;
}

/** Both ends of a connection on our port have it, the raw one and the secure one on top. */
function keyOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress ?? ''} ${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

/** As our tables have it. Node says false where the client named nobody. */
function hostOf(asked: unknown): string {
  if (typeof asked !== 'string') return '';
  const name = asked.toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
