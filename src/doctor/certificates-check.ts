import type { Config } from '../config/config.ts';
import { readKeyPair, type KeyPairFiles } from '../config/key-pair.ts';
import type { ListenerConfig } from '../config/listener.ts';
import type { Check, Finding } from './check.ts';

const dayMs = 86_400_000;
/** Renewals are tried some weeks before: one that has not come by then does not come by itself. */
const soonDays = 14;

interface UsedCertificate {
  readonly subject: string;
  readonly files: KeyPairFiles;
}

/** Dates, keys and names of the certificates that we show. */
export const certificatesCheck: Check = {
  name: 'certificates',
  examine: ({ clock, config }) => {
    const used = certificatesOf(config);
    if (used.length === 0) return { kind: 'nothing', reason: 'nothing here has a certificate' };
    return {
      kind: 'looked',
      seen: used.map(({ files }) => files.certFile).join(', '),
      findings: [
        ...used.flatMap((one) => faultsOf(one, clock.now())),
        ...config.listeners.flatMap((listener) => unnamedHosts(listener)),
      ],
    };
  },
};

function certificatesOf({ listeners, sessions, upstreams }: Config): readonly UsedCertificate[] {
  const own = listeners.flatMap(({ name, tls }) =>
    (tls?.certificates ?? []).map((files) => ({ subject: `listener ${name}`, files })),
  );
  const shown = [
    ...upstreams.map(({ name, tls }) => [`upstream ${name}`, tls] as const),
    ...(sessions.store.type === 'redis' ? [['sessions.store', sessions.store.tls] as const] : []),
  ];
  return [
    ...own,
    ...shown.flatMap(([subject, tls]) => {
      const files = tls?.clientCertificate ?? null;
      return files === null ? [] : [{ subject, files }];
    }),
  ];
}

function faultsOf({ files, subject }: UsedCertificate, nowMs: number): readonly Finding[] {
  const reading = readKeyPair(files);
  if (reading.kind === 'broken') {
    const fault = `${String(files[reading.file])} ${reading.reason}`;
    return [{ subject, fault, remedy: 'put a certificate there together with its own key' }];
  }
  const { notAfterMs, notBeforeMs } = reading.pair;
  const renew = `renew ${files.certFile}; a running gateway takes new files within seconds`;
  if (notAfterMs <= nowMs) {
    const fault = `the certificate has expired (${dayOf(notAfterMs)}): browsers refuse to connect`;
    return [{ subject, fault, remedy: renew }];
  }
  if (notBeforeMs > nowMs) {
    const fault = `the certificate is not good before ${dayOf(notBeforeMs)}`;
    return [{ subject, fault, remedy: 'set the clock of this machine, or wait until then' }];
  }
  const days = Math.floor((notAfterMs - nowMs) / dayMs);
  // One that is made for days is renewed by whoever makes it.
  if (days >= soonDays || notAfterMs - notBeforeMs < 2 * soonDays * dayMs) return [];
  const fault = `the certificate expires in ${days} days (${dayOf(notAfterMs)}), and nobody has renewed it`;
  return [{ subject, fault, remedy: renew }];
}

/** Hosts of routes that no certificate of their listener has. */
function unnamedHosts({ name, routes, tls }: ListenerConfig): readonly Finding[] {
  if (tls === null) return [];
  const names = tls.certificates.flatMap((files) => {
    if (files.names.length > 0) return files.names;
    const reading = readKeyPair(files);
    return reading.kind === 'read' ? reading.pair.names : [];
  });
  const hosts = [...new Set(routes.flatMap((route) => route.hosts))];
  return hosts
    .filter((host) => !names.some((one) => covers(one, host)))
    .map((host) => ({
      subject: `listener ${name}`,
      fault: `no certificate is for ${host}, which its routes are about (there is ${names.join(', ')}): browsers refuse to connect`,
      remedy: `add a certificate that names ${host}`,
    }));
}

function covers(name: string, host: string): boolean {
  if (name === host) return true;
  return name.startsWith('*.') && host.slice(host.indexOf('.') + 1) === name.slice(2);
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
