import type { ListenerConfig } from '../config/listener.ts';
import type { TlsConfig } from '../config/tls.ts';
import { systemClock } from '../lib/clock.ts';
import { Certificates } from '../wire/certificates.ts';
import { SecureDoor } from '../wire/secure-door.ts';
import { TlsCounters } from '../wire/tls-counters.ts';
import type { Shared } from './shared.ts';

/** What a listener that speaks TLS has beside one that does not. */
export interface ListenerSecurity {
  readonly certificates: Certificates;
  readonly door: SecureDoor;
  readonly counters: TlsCounters;
}

/** `protocols`: what clients are told that we speak. */
export function createSecurity(
  { name, tls }: Pick<ListenerConfig, 'name'> & { readonly tls: TlsConfig },
  protocols: readonly string[],
  { deadlines, parts }: Pick<Shared, 'deadlines' | 'parts'>,
): ListenerSecurity {
  const { log } = parts;
  const ticketKeys = parts.seat?.ticketKeys(name) ?? null;
  const certificates = new Certificates({
    config: tls,
    listener: name,
    log,
    clock: systemClock,
    ticketKeys,
  });
  parts.seat?.onTicketKeys(name, (keys) => certificates.renewTicketKeys(keys));
  const counters = new TlsCounters(name);
  const door = new SecureDoor({ config: tls, certificates, protocols, deadlines, counters });
  return { certificates, door, counters };
}
