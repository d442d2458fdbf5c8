import type { Config } from '../config/config.ts';

/** One way of pretending to be somebody: lines of a request, with a value that nobody else sends. */
export interface Spoof {
  readonly field: string;
  /** How it is spelled, for people. */
  readonly spelling: string;
  readonly lines: (value: string) => readonly string[];
}

/** The fields by which upstreams are told who somebody is. */
function identityFields({ identity, listeners, tokenCaches }: Config): readonly string[] {
  const fields = [
    identity.field,
    'X-UserInfo',
    ...tokenCaches.map(({ field }) => field),
    ...listeners.flatMap(({ tls }) => {
      const { fingerprintField, namesField, subjectField } = tls?.clientCertificates ?? {};
      return [subjectField, fingerprintField, namesField];
    }),
  ];
  const byName = new Map<string, string>();
  for (const field of fields) {
    if (typeof field === 'string' && !byName.has(field.toLowerCase())) {
      byName.set(field.toLowerCase(), field);
    }
  }
  return [...byName.values()];
}

/** Everything that is sent: an application may take any of these spellings for the field itself. */
export function spoofsFor(config: Config): readonly Spoof[] {
  return identityFields(config).flatMap((field) => {
    const spelled = (spelling: string): Spoof => ({
      field,
      spelling,
      lines: (value) => [`${spelling}: ${value}`, 'Connection: close'],
    });
    return [
      spelled(field),
      spelled(field.toLowerCase()),
      spelled(field.replaceAll('-', '_')),
      spelled(field.replaceAll('-', '.')),
      {
        field,
        spelling: `${field}, twice`,
        lines: (value) => [`${field}: `, `${field}: ${value}`, 'Connection: close'],
      },
      {
        // A proxy that heeds it takes out what the gateway has put in.
        field,
        spelling: `${field}, named in Connection`,
        lines: (value) => [`${field}: ${value}`, `Connection: close, ${field}`],
      },
    ];
  });
}
