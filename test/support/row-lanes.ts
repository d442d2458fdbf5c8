/** How a row of the threat catalogue is tested over the three lanes. */
export interface RowLanes {
  /** Row number, then what the file of the row runs over. */
  readonly rows: string;
  readonly lanes: readonly ('clear' | 'tls' | 'http2')[];
  /** Why not over the others; null where it runs over all. */
  readonly why: string | null;
}

const framesInstead = 'octets of HTTP/1.1; on HTTP/2 the frames say it: P9 and P16';

/** Which row runs over which lane. A test compares it with what the projects of vitest include. */
export const rowLanes: readonly RowLanes[] = [
  { rows: '1 2 7 10 11 12 13', lanes: ['clear', 'tls', 'http2'], why: null },
  { rows: '3 4 5 6', lanes: ['clear', 'tls'], why: framesInstead },
  {
    rows: '8',
    lanes: ['clear', 'tls'],
    why: 'about connections to upstreams, one lane as another',
  },
  { rows: '9', lanes: ['clear', 'tls', 'http2'], why: null },
  {
    rows: '14',
    lanes: ['clear', 'tls'],
    why: 'HTTP/2 has no Upgrade, and extended CONNECT is not announced (P9)',
  },
  {
    rows: '15',
    lanes: ['clear', 'tls'],
    why: 'octets of HTTP/1.1; slow streams and bodies of HTTP/2: gateway/http2, and P16',
  },
  { rows: '16', lanes: ['clear'], why: 'brings its own clients of HTTP/2' },
  { rows: '17 18 19 21 22 23 24 25 26 27 28 29', lanes: ['clear', 'tls', 'http2'], why: null },
  { rows: '20', lanes: ['clear'], why: 'a listener for neighbours, which speak HTTP/1.1 to it' },
  { rows: '58', lanes: ['clear', 'tls'], why: 'HTTP/2 has no Upgrade' },
  { rows: '59', lanes: ['clear', 'tls'], why: 'brings its own client of HTTP/2' },
  {
    rows: '60',
    lanes: ['clear'],
    why: 'brings its own certificates, and clients of both protocols',
  },
  { rows: '61 63 64 66 68 69', lanes: ['clear', 'tls', 'http2'], why: null },
  { rows: '62', lanes: ['clear', 'tls'], why: framesInstead },
  { rows: '65', lanes: ['clear'], why: 'what a listener is configured with, no octet of a client' },
  { rows: '67', lanes: ['clear', 'tls', 'http2'], why: null },
];
