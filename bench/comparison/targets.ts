import type { ContenderId } from './contender.ts';
import type { Scenario } from './options.ts';
import type { Samples } from './rounds.ts';
import { median, spread } from './statistics.ts';

/** A bound on the ratio of two contenders' CPU time per request, taken round by round. */
export interface Target {
  readonly title: string;
  readonly of: ContenderId;
  readonly over: ContenderId;
  readonly atMost: number;
}

const clearTargets: readonly Target[] = [
  {
    title: 'an authenticated request, Portcullis ÷ NGINX with auth_request',
    of: 'gateway',
    over: 'nginx-auth-request',
    atMost: 0.65,
  },
  {
    // A slow sidecar would make the first ratio easy to win.
    title: '/validate alone ÷ a proxied request of Portcullis',
    of: 'validate',
    over: 'gateway',
    atMost: 0.7,
  },
  {
    title: 'a forged cookie refused ÷ a request accepted',
    of: 'forged',
    over: 'gateway',
    atMost: 0.8,
  },
];

const tlsTargets: readonly Target[] = [
  {
    title: 'an authenticated request over TLS, Portcullis ÷ NGINX with auth_request',
    of: 'gateway',
    over: 'nginx-auth-request',
    atMost: 0.75,
  },
];

const http2Targets: readonly Target[] = [
  {
    title: 'an authenticated request on HTTP/2, Portcullis ÷ NGINX with auth_request',
    of: 'gateway',
    over: 'nginx-auth-request',
    atMost: 1,
  },
  {
    title: 'an authenticated request on HTTP/2, Portcullis ÷ NGINX without authentication',
    of: 'gateway',
    over: 'nginx-plain',
    atMost: 2.5,
  },
];

/** What a small message costs beside NGINX is told, not bounded: each is a read and a write of the kernel's. */
const webSocketTargets: readonly Target[] = [
  {
    title: 'a message that comes back, Portcullis ÷ NGINX without authentication',
    of: 'gateway',
    over: 'nginx-plain',
    atMost: Infinity,
  },
];

const mebibyteTargets: readonly Target[] = [
  {
    title: 'an answer of 1 MiB, Portcullis ÷ NGINX without authentication',
    of: 'gateway',
    over: 'nginx-plain',
    atMost: 1.15,
  },
];

const targets: Readonly<Record<Scenario, readonly Target[]>> = {
  clear: clearTargets,
  tls: tlsTargets,
  http2: http2Targets,
  websocket: webSocketTargets,
  mebibyte: mebibyteTargets,
};

export function targetsOf(scenario: Scenario): readonly Target[] {
  return targets[scenario];
}

export interface TargetResult extends Target {
  /** Null where one of the two was not measured. */
  readonly ratio: number | null;
  readonly spread: readonly [number, number];
  readonly ratios: readonly number[];
  readonly isMet: boolean;
}

export function judge(target: Target, samples: Samples): TargetResult {
  const over = samples.get(target.over) ?? [];
  const ratios = (samples.get(target.of) ?? []).flatMap((sample, round) => {
    const other = over[round];
    return other === undefined ? [] : [sample.cpuMicrosPerRequest / other.cpuMicrosPerRequest];
  });
  if (ratios.length === 0) return { ...target, ratio: null, spread: [0, 0], ratios, isMet: false };
  const ratio = median(ratios);
  return { ...target, ratio, spread: spread(ratios), ratios, isMet: ratio <= target.atMost };
}
