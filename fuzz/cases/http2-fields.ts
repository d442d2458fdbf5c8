import type { Random } from '../../test/support/differential/random.ts';

type Fields = (readonly [name: string, value: string])[];
type Spoiling = (random: Random, fields: Fields) => void;

const set = (fields: Fields, name: string, value: string): void => {
  const at = fields.findIndex(([key]) => key === name);
  if (at >= 0) fields[at] = [name, value];
};

const add = (random: Random, fields: Fields, name: string, value: string): void => {
  fields.splice(4 + random.below(fields.length - 3), 0, [name, value]);
};

const BREAKS = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\r\nX-UserInfo: forged',
  '\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n',
];

const ALL: readonly Spoiling[] = [
  (random, fields) =>
    set(
      fields,
      ':method',
      random.pick(['CONNECT', 'TRACE', 'get', '', 'G T', 'FOO', 'GET / HTTP/1.1\r\nX: y']),
    ),
  (random, fields) =>
    set(
      fields,
      ':path',
      random.pick([
        '',
        'a',
        '*',
        '/a b',
        '/a HTTP/1.1\r\nX: y',
        '/\xe9',
        '/#a',
        'http://evil/x',
        '/x/../private/a',
        '/private%2fa',
        '/private;x/a',
      ]),
    ),
  (random, fields) => set(fields, ':scheme', random.pick(['http', '', 'ftp', 'https://evil/'])),
  (random, fields) =>
    set(
      fields,
      ':authority',
      random.pick([
        '',
        'evil',
        'edge.example, evil',
        'edge.example/x',
        'edge.example\r\nX: y',
        'u@edge.example',
        'edge.example:443',
        'EDGE.example',
      ]),
    ),
  (random, fields) => {
    const at = random.below(4);
    fields.splice(at, 1);
  },
  (random, fields) => {
    const one = random.pick(fields);
    fields.push(one);
  },
  (random, fields) => fields.push([':path', random.pick(['/private/a', '/x'])]),
  (random, fields) =>
    fields.push([
      random.pick([':protocol', ':status', ':evil', ':']),
      random.pick(['websocket', '200', '']),
    ]),
  (random, fields) =>
    add(random, fields, 'host', random.pick(['evil', 'edge.example', 'other.example', 'a b', ''])),
  (random, fields) => {
    const at = fields.findIndex(([name]) => name === ':authority');
    if (at >= 0) fields[at] = ['host', random.pick(['edge.example', 'other.example', 'evil'])];
  },
  (random, fields) =>
    add(random, fields, 'transfer-encoding', random.pick(['chunked', 'identity', 'gzip', ''])),
  (random, fields) =>
    add(
      random,
      fields,
      'content-length',
      random.pick(['0', '5', '5', '1000', '1001', '-1', '5, 5', '+5', '', '99999999999999999999']),
    ),
  (random, fields) =>
    add(
      random,
      fields,
      random.pick(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te']),
      random.pick(['close', 'x-userinfo', 'websocket', 'trailers', 'h2c']),
    ),
  (random, fields) =>
    add(
      random,
      fields,
      random.pick(['X-Upper', 'x y', 'x:y', '', 'x\xe9', 'x\0', 'x(', 'x_userinfo', 'x-userinfo']),
      'forged',
    ),
  (random, fields) => add(random, fields, 'x-break', `a${random.pick(BREAKS)}b`),
  (random, fields) => add(random, fields, `x-break${random.pick(BREAKS)}`, 'b'),
  (random, fields) =>
    add(random, fields, 'x-blank', random.pick([' a', 'a ', '\ta', 'a\x7f', 'a\x01b'])),
  (random, fields) => add(random, fields, 'expect', random.pick(['100-continue', '200-ok', ''])),
  (random, fields) => {
    for (let count = 2; count > 0; count--) add(random, fields, 'authorization', 'Bearer x');
  },
  (random, fields) => {
    for (let count = 36 + random.below(30); count > 0; count--) add(random, fields, 'a', 'b');
  },
  (random, fields) =>
    add(random, fields, 'x-long', 'y'.repeat(700 + random.below(random.chance(50) ? 800 : 40_000))),
  (random, fields) =>
    add(random, fields, 'cookie', random.pick(['a=1', 'fuzz=forged', 'fuzz=; fuzz=x'])),
];

/** Spoils one thing about the fields of a request on HTTP/2. */
export function spoilHttp2Fields(random: Random, fields: Fields): void {
  random.pick(ALL)(random, fields);
}
