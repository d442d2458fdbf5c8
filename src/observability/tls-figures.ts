import { figuresOf, samplesBy, type Labels } from './catalogue.ts';
import type { Figure } from './figure.ts';

/** What a listener counts of TLS. */
export interface TlsTally {
  readonly listener: string;
  readonly full: number;
  readonly resumed: number;
  /** By the reason, out of a fixed list. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What is known of a certificate and of its files. */
export interface CertificateTally {
  readonly listener: string;
  readonly certificate: string;
  readonly notAfterMs: number;
  readonly fingerprint: string;
  readonly isLastReloadOk: boolean;
  readonly reloads: number;
  readonly reloadFailures: number;
}

export function tlsFigures(listeners: readonly TlsTally[]): Figure[] {
  const labelsOf: Labels<TlsTally> = ({ listener }) => ({ listener });
  return [
    {
      name: 'portcullis_tls_handshakes_total',
      kind: 'counter',
      help: 'Handshakes with clients that succeeded; resumed: with a ticket.',
      labels: ['listener', 'kind'],
      read: () =>
        samplesBy(listeners, labelsOf, 'kind', ({ full, resumed }) => ({ full, resumed })),
    },
    {
      name: 'portcullis_tls_failures_total',
      kind: 'counter',
      help: 'Handshakes with clients that failed, by reason.',
      labels: ['listener', 'reason'],
      read: () => samplesBy(listeners, labelsOf, 'reason', ({ failures }) => failures),
    },
  ];
}

/** `read`: the certificates as they are now. */
export function certificateFigures(read: () => readonly CertificateTally[]): Figure[] {
  const labelsOf: Labels<CertificateTally> = ({ listener, certificate }) => ({
    listener,
    certificate,
  });
  const names = ['listener', 'certificate'] as const;
  return [
    ...figuresOf(read, names, labelsOf, [
      [
        'certificate_not_after_timestamp_seconds',
        'gauge',
        'When the certificate in use expires.',
        (one) => one.notAfterMs / 1000,
      ],
      [
        'certificate_reload_ok',
        'gauge',
        '1: the files hold what is in use; 0: what they hold cannot be used.',
        (one) => Number(one.isLastReloadOk),
      ],
    ]).map((figure) => ({ ...figure, together: 'min' as const })),
    ...figuresOf(read, names, labelsOf, [
      ['certificate_reloads_total', 'counter', 'Pairs that were replaced.', (one) => one.reloads],
      [
        'certificate_reload_failures_total',
        'counter',
        'Pairs that were not taken, each once.',
        (one) => one.reloadFailures,
      ],
    ]),
    {
      name: 'portcullis_certificate_info',
      kind: 'gauge',
      help: 'A constant 1 that carries the SHA-256 of the certificate in use.',
      together: 'first',
      labels: [...names, 'fingerprint'],
      read: () =>
        read().map((one) => ({
          labels: { ...labelsOf(one), fingerprint: one.fingerprint },
          value: 1,
        })),
    },
  ];
}
