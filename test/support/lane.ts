import { inject, it } from 'vitest';

const lanes = ['clear', 'tls', 'http2'] as const;

/** How the clients of the usual gateway come: a project of vitest says it, so that suites run on each. */
export const lane = lanes.find((name) => name === process.env['PORTCULLIS_TEST_LANE']) ?? 'clear';

/** Our cookie where clients come like this, and what they come by. */
export const cookieName = lane === 'clear' ? 'portcullis' : '__Host-portcullis';
export const scheme = lane === 'clear' ? 'http' : 'https';

/** For what is about the octets of HTTP/1.1, which HTTP/2 does not have. */
export const itOnHttp1 = it.skipIf(lane === 'http2');
/** For what HTTP/2 has in another way, or where its framing layer answers instead of us. */
export const itOnHttp2 = it.runIf(lane === 'http2');

/** What the edge of the usual gateway has for the lane. */
export function laneSettings(): Record<string, unknown> {
  return lane === 'clear' ? {} : { tls: { certificates: [inject('laneCertificate')] } };
}
