import { isIP, isIPv4, isIPv6 } from 'node:net';
import * as z from 'zod';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServerAddress extends Address {
  readonly isSecure: boolean;
  /** Where it is a Unix socket; host and port then say nothing. */
  readonly socketPath: string | null;
}

const pattern = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{0,253}):(\d{1,5})$/;
const serverPattern =
  /^(?:https?:\/\/)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253}):(\d{1,5})\/?$/;

/**
 * Where a listener is bound: `127.0.0.1:8081`, `[::1]:8081`, `localhost:8081`, or `:8081` for all
 * addresses.
 */
export function listenAddress() {
  const error = 'an address such as 127.0.0.1:8081, [::1]:8081, or :8081 for all addresses';
  return z
    .string({ error })
    .regex(pattern, { error })
    .transform((value, check): Address => {
      const address = split(value, pattern);
      const host = address.host === '' ? '::' : address.host;
      if (address.port <= 65_535 && (isIP(host) !== 0 || host === 'localhost')) {
        return { host, port: address.port };
      }
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** 107 bytes is what systems take. */
const socketPattern = /^unix:(\/[\x21-\x7e]{1,106})$/;
const anyServerPattern = new RegExp(`${serverPattern.source}|${socketPattern.source}`);

export const serverExpected =
  'a server such as 127.0.0.1:9000, https://app.internal:443 or unix:/run/app.sock';

/**
 * A server that requests are forwarded to: `127.0.0.1:9000`, `app.internal:80`,
 * `http://app.internal:80`, `https://app.internal:443`, `unix:/run/app.sock`.
 */
export function serverAddress() {
  const error = serverExpected;
  return z
    .string({ error })
    .regex(anyServerPattern, { error })
    .transform((value, check): ServerAddress => {
      const [, socketPath = null] = socketPattern.exec(value) ?? [];
      if (socketPath !== null) return { host: 'localhost', port: 0, isSecure: false, socketPath };
      const isSecure = value.startsWith('https:');
      const address = { ...split(value, serverPattern), isSecure, socketPath };
      const isAddress = isIP(address.host) !== 0 || isHostName(address.host);
      if (isAddress && address.port >= 1 && address.port <= 65_535) return address;
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** A server that speaks something else than HTTP: `db.internal:3306`, `127.0.0.1:5432`. */
export function peerAddress(example: string) {
  const error = `a server such as ${example}`;
  return z
    .string({ error })
    .regex(/^(?!http:)/, { error })
    .regex(serverPattern, { error })
    .transform((value, check): Address => {
      const address = split(value, serverPattern);
      const isAddress = isIP(address.host) !== 0 || isHostName(address.host);
      if (isAddress && address.port >= 1 && address.port <= 65_535) return address;
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

export function formatAddress({ host, port }: Address): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine can connect to an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether it stands for every address of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || (isIPv6(host) && /^[0:]+$/.test(host));
}

/** `10.0.0.0/8`, `fd00::/8`, or a single address; gives the form with the `/`. */
export function networkRange() {
  const error = 'an address range such as 127.0.0.1/32, 10.0.0.0/8 or ::1/128';
  return z
    .string({ error })
    .regex(/^[0-9A-Fa-f:.]{2,45}(?:\/\d{1,3})?$/, { error })
    .transform((value, check) => {
      const [address = '', bits] = value.split('/');
      const bitsMax = isIPv4(address) ? 32 : 128;
      if (isIP(address) !== 0 && (bits === undefined || Number(bits) <= bitsMax)) {
        return `${address}/${bits === undefined ? bitsMax : Number(bits)}`;
      }
      check.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

function split(value: string, form: RegExp): Address {
  const [, host = '', port = ''] = form.exec(value) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * A name that DNS could know. One whose last label is a number would be a mistyped IPv4 address.
 */
function isHostName(host: string): boolean {
  const labels = host.split('.');
  const isLabel = (label: string) =>
    /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label);
  return labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}
