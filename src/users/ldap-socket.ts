import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { BerReader } from 'ldapts';
import type { LdapServerConfig, LdapTlsConfig } from '../config/ldap-directory.ts';
import { LdapOutage } from './ldap-failure.ts';
import { LdapFrames } from './ldap-frames.ts';

/** How a server is reached. */
export interface LdapReach {
  readonly server: LdapServerConfig;
  readonly isStartTls: boolean;
  readonly tls: LdapTlsConfig;
  /** For everything until the connection may be used, the TLS handshake included. */
  readonly connectTimeoutMs: number;
}

/** ExtendedRequest StartTLS (RFC 4511 §4.14.1) as message 1. */
const startTlsOid = '1.3.6.1.4.1.1466.20037';
const startTlsRequest = Buffer.concat([
  Buffer.from('301d02010177188016', 'hex'),
  Buffer.from(startTlsOid, 'latin1'),
]);
const extendedResponseTag = 0x78;
const keepAliveMs = 30_000;

/**
 * A connection that is ready for a bind: TLS, where it is configured, is there and the server's certificate and name are
 * verified. Fails with an `LdapOutage`. StartTLS is spoken here and not by `ldapts`, because what a server in the middle
 * sends in the clear after its answer would otherwise still lie in the parser when the first encrypted bytes come, and
 * could be the beginning of an answer to a bind.
 */
export async function openLdapSocket(reach: LdapReach): Promise<Socket> {
  const { host, port, isTls } = reach.server;
  const signal = AbortSignal.timeout(reach.connectTimeoutMs);
  let socket: Socket | undefined;
  try {
    if (isTls) {
      socket = connectTls({ ...tlsOptions(reach), host, port });
      await untilEvent(socket, 'secureConnect', signal);
    } else {
      socket = connectTcp({ host, port });
      await untilEvent(socket, 'connect', signal);
      if (reach.isStartTls) {
        await askForTls(socket, signal);
        socket.on('error', ignore);
        socket = connectTls({ ...tlsOptions(reach), socket });
        await untilEvent(socket, 'secureConnect', signal);
      }
    }
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    watchFrames(socket);
    return socket;
  } catch (cause) {
    socket?.on('error', ignore).destroy();
    throw new LdapOutage(signal.aborted ? 'no connection in time' : messageOf(cause), { cause });
  }
}

function tlsOptions({ server, tls }: LdapReach) {
  const { host } = server;
  // Node checks the certificate against `servername`, else `host`; SNI carries no addresses (RFC 6066 §3).
  const servername = tls.servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    host,
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ...(servername !== undefined && { servername }),
    ...(tls.ca !== null && { ca: tls.ca }),
  };
}

/** Rejects with what ended it first: an error, the other side, or the time. */
async function untilEvent(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ended = (): void => reject(new Error('closed by the server'));
  const late = (): void => reject(new Error('no connection in time'));
  socket.once(event, resolve).once('error', reject).once('close', ended);
  signal.addEventListener('abort', late);
  try {
    await promise;
  } finally {
    socket.off(event, resolve).off('error', reject).off('close', ended);
    signal.removeEventListener('abort', late);
  }
}

async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.write(startTlsRequest);
  let answer = Buffer.alloc(0);
  while (!isWhole(answer)) {
    await untilEvent(socket, 'readable', signal);
    const chunk: unknown = socket.read();
    if (Buffer.isBuffer(chunk)) answer = Buffer.concat([answer, chunk]);
  }
  const reader = new BerReader(answer);
  reader.readSequence();
  if (reader.readInt() !== 1 || reader.readSequence() !== extendedResponseTag) {
    throw new Error('no answer to StartTLS');
  }
  const code = reader.readEnumeration();
  if (code !== 0) throw new Error(`StartTLS is refused with code ${String(code)}`);
}

/** Throws for more than one message: what is behind it came in the clear, and nobody knows from whom. */
function isWhole(answer: Buffer): boolean {
  if (!new LdapFrames().take(answer)) throw new Error('no LDAP');
  const reader = new BerReader(answer);
  if (reader.readSequence() === null) return false;
  if (reader.remain > reader.length) throw new Error('more than an answer to StartTLS');
  return reader.remain === reader.length;
}

/** Bytes that can be no LDAP end the connection, and with it every question that waits on it. */
function watchFrames(socket: Socket): void {
  const frames = new LdapFrames();
  socket.on('error', ignore).on('data', (chunk: Buffer) => {
    if (!frames.take(chunk)) socket.destroy(new Error('no LDAP'));
  });
}

/** For errors of a connection that nobody waits for any more: its end is seen where it is used. */
function ignore(): void {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
