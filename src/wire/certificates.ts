import { constants } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import { readAuthorities } from '../config/key-pair.ts';
import { readText } from '../config/read.ts';
import type { TlsConfig } from '../config/tls.ts';
import type { Clock } from '../lib/clock.ts';
import { HostTable } from '../lib/host-table.ts';
import type { Log } from '../observability/log.ts';
import { newTicketKeys } from '../lib/ticket-keys.ts';
import { Certificate } from './certificate.ts';

const DAY_MS = 86_400_000;

/** A certificate with the context made of it. */
interface Shown {
  readonly certificate: Certificate;
  readonly context: SecureContext;
}

/** The certificates of a listener, by the names that clients ask for; looks at their files again and again. */
export class Certificates {
  readonly all: readonly Certificate[];
  readonly #config: TlsConfig;
  readonly #listener: string;
  readonly #log: Log;
  readonly #clock: Clock;
  #table = new HostTable<Shown>();
  #authorities: string | null;
  #authoritiesFault = '';
  #ticketKeys: Buffer;
  #ticketsUntilMs: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  /** Told whenever new connections have to get something else than before. */
  changed: () => void = () => {};

  /** Throws where files cannot be used. */
  constructor(parts: {
    config: TlsConfig;
    listener: string;
    log: Log;
    clock: Clock;
    /** Common to several processes, and renewed by `renewTicketKeys`; null: our own. */
    ticketKeys: Uint8Array | null;
  }) {
    this.#config = parts.config;
    this.#listener = parts.listener;
    this.#log = parts.log;
    this.#clock = parts.clock;
    this.all = parts.config.certificates.map((certificate) => new Certificate(certificate));
    this.#authorities = firstAuthorities(parts.config);
    this.#ticketKeys = parts.ticketKeys === null ? newTicketKeys() : Buffer.from(parts.ticketKeys);
    this.#ticketsUntilMs =
      parts.ticketKeys === null
        ? parts.clock.monotonic() + parts.config.ticketRotationMs
        : Infinity;
    this.#rebuild();
    for (const certificate of this.all) this.#warnOfEnd(certificate);
  }

  /** The context for a name; undefined where no certificate has it. */
  contextOf(name: string): SecureContext | undefined {
    return this.#table.find(name)?.context;
  }

  /** What a client gets that asks for no name, or for an unknown one. */
  get fallbackOptions(): SecureContextOptions {
    const [first] = this.all;
    return this.#config.unknownNames === 'refuse' || first === undefined
      ? this.#options()
      : { ...this.#options(), ...first.secrets() };
  }

  /**
   * Whether a connection that asked for `asked` (empty: for nothing) may carry requests for `host`: the same certificate
   * has to serve both. Who was given the default one may ask for any host that has none of its own.
   */
  covers(asked: string, host: string): boolean {
    const name = host.startsWith('[') ? host.slice(1, -1) : host;
    const hosts = this.#table.find(name)?.certificate;
    const shown = asked === '' ? undefined : this.#table.find(asked)?.certificate;
    if (shown !== undefined) return hosts === shown;
    return hosts === undefined || hosts === this.all[0];
  }

  /** A ticket that another process gave is good here too from now on, and those before are not. */
  renewTicketKeys(keys: Uint8Array): void {
    this.#ticketKeys = Buffer.from(keys);
    this.#rebuild();
  }

  start(): void {
    this.#timer = setInterval(() => {
      void this.refresh();
    }, this.#config.reloadIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks at all files once. Two never run at a time. */
  refresh(): Promise<void> {
    this.#looking ??= this.#refresh().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #refresh(): Promise<void> {
    let isNew = this.#rotateTickets();
    for (const certificate of this.all) {
      const result = await certificate.refresh(this.#clock.now());
      const fields = { listener: this.#listener, certificate: certificate.config.label };
      if (result.kind === 'replaced') {
        isNew = true;
        const { fingerprint, notAfterMs } = certificate.pair;
        const notAfter = new Date(notAfterMs).toISOString();
        this.#log.info('certificate.replaced', { ...fields, fingerprint, notAfter });
      } else if (result.kind === 'kept' && result.isNews) {
        this.#log.error('certificate.kept', { ...fields, reason: result.reason });
      }
    }
    const authorities = this.#readAuthorities();
    if (authorities !== this.#authorities) {
      isNew = true;
      this.#authorities = authorities;
      this.#log.info('certificate.authorities', { listener: this.#listener });
    }
    if (isNew) this.#rebuild();
  }

  #rebuild(): void {
    const table = new HostTable<Shown>();
    const options = this.#options();
    for (const certificate of this.all) {
      const shown = { certificate, context: certificate.context(options) };
      for (const name of certificate.names) table.add(name, shown);
    }
    this.#table = table;
    this.changed();
  }

  #rotateTickets(): boolean {
    if (!this.#config.hasSessionTickets) return false;
    const nowMs = this.#clock.monotonic();
    if (nowMs < this.#ticketsUntilMs) return false;
    this.#ticketsUntilMs = nowMs + this.#config.ticketRotationMs;
    this.#ticketKeys = newTicketKeys();
    return true;
  }

  /** The same for all contexts: OpenSSL takes some from the one that it began with, some from the one it ends with. */
  #options(): SecureContextOptions {
    const { ciphers, hasSessionTickets, minVersion } = this.#config;
    const tickets = hasSessionTickets ? 0 : constants.SSL_OP_NO_TICKET;
    return {
      minVersion,
      ciphers,
      // Of strong ciphers only, the client knows better which its hardware likes.
      honorCipherOrder: false,
      // A renegotiation could change who the client is in the middle of a request.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | tickets,
      ticketKeys: this.#ticketKeys,
      ca: this.#authorities ?? [], // without any OpenSSL would load all public ones
    };
  }

  /** Those in the file, or those in use where it has none that can be used. */
  #readAuthorities(): string | null {
    const { clientCertificates } = this.#config;
    if (clientCertificates === null) return null;
    const { caFile } = clientCertificates;
    const file = readText(caFile);
    if (file.kind === 'read' && file.text === this.#authorities) return this.#authorities;
    const reading = readAuthorities(caFile);
    if (reading.kind === 'read') {
      this.#authoritiesFault = '';
      return reading.pem;
    }
    if (this.#authoritiesFault !== reading.reason) {
      this.#authoritiesFault = reading.reason;
      const reason = `${caFile} ${reading.reason}`;
      this.#log.error('certificate.authorities-kept', { listener: this.#listener, reason });
    }
    return this.#authorities;
  }

  #warnOfEnd({ config, pair }: Certificate): void {
    const left = pair.notAfterMs - this.#clock.now();
    if (left > 7 * DAY_MS) return;
    const notAfter = new Date(pair.notAfterMs).toISOString();
    const fields = { listener: this.#listener, certificate: config.label, notAfter };
    this.#log.warn(left > 0 ? 'certificate.expires' : 'certificate.expired', fields);
  }
}

function firstAuthorities({ clientCertificates }: TlsConfig): string | null {
  if (clientCertificates === null) return null;
  const reading = readAuthorities(clientCertificates.caFile);
  if (reading.kind === 'read') return reading.pem;
  throw new Error(`${clientCertificates.caFile} ${reading.reason}`);
}
