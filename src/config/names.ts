import { isIP } from 'node:net';
import type * as z from 'zod';
import { duration } from './duration.ts';
import { listOf, oneOf, optionBlock, textThat } from './kinds.ts';

/** How the host names of servers are resolved. */
export interface NamesConfig {
  /** Name servers with or without a port; empty: the system is asked. */
  readonly servers: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly family: 'ipv4First' | 'ipv4' | 'ipv6' | 'both';
}

const serverExpected = 'the address of a name server, such as 10.0.0.2, 10.0.0.2:5353 or [::1]:53';
const serverPattern =
  /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15}|[0-9A-Fa-f:]{2,45}?))(?::(\d{1,5}))?$/;

export const namesOptions = optionBlock({
  servers: listOf(
    textThat((value) => isNameServer(value), /^[0-9A-Fa-f:.[\]]{2,60}$/, serverExpected),
    'name servers',
  )
    .default([])
    .describe(
      'The name servers that are asked, such as `10.0.0.2` or `10.0.0.2:5353`. Default: what the ' +
        'system uses, its hosts file too. Whoever answers for them says where requests go, and ' +
        'with them who the users are.',
    ),
  interval: duration({ min: '100ms', max: '1d' })
    .prefault('30s')
    .describe(
      'The longest time until a name is asked for again, 100ms to 1d; sooner where its TTL says ' +
        'so. Default 30s.',
    ),
  timeout: duration({ min: '50ms', max: '1m' })
    .prefault('2s')
    .describe(
      'How long a name server may take, 50ms to 1m. Default 2s. When a name cannot be resolved ' +
        'the last addresses stay.',
    ),
  family: oneOf(['ipv4First', 'ipv4', 'ipv6', 'both'])
    .default('ipv4First')
    .describe(
      'Which addresses of a name are used: `ipv4First` takes IPv6 only where there is no IPv4. ' +
        'Default `ipv4First`: machines that are told of IPv6 and cannot reach it are common.',
    ),
}).describe(
  'How host names of servers become addresses. Each address is a server of its own, and comes and ' +
    'goes with the answers.',
);

export function namesConfig(options: z.output<typeof namesOptions>): NamesConfig {
  const { family, interval, servers, timeout } = options;
  return { servers, intervalMs: interval, timeoutMs: timeout, family };
}

function isNameServer(value: string): boolean {
  if (isIP(value) !== 0) return true;
  const [, bracketed, bare, port] = serverPattern.exec(value) ?? [];
  const host = bracketed ?? bare ?? '';
  if (bracketed === undefined && host.includes(':')) return false;
  return isIP(host) !== 0 && (port === undefined || (Number(port) >= 1 && Number(port) <= 65_535));
}
