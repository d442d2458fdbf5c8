import { LIMITS } from './limits.ts';
import type { Random } from './random.ts';
import { chunkOf, field, type FieldDraft, type RequestDraft } from './request-draft.ts';
import { makeChunked, makeLength, place, soundField, soundPayload } from './sound-request.ts';

type Perversion = (random: Random, draft: RequestDraft) => void;

const CONTROLS = '\x00\x01\x08\x0b\x0c\x0e\x1b\x1f\x7f';
const EOLS = ['\n', '\r', '\r\r\n', '\n\r', '', '\r\n\r', '\x0b', '\x85'];

/** A line of the head that is there, or a new one. */
function anyField(random: Random, draft: RequestDraft): FieldDraft {
  const fresh = soundField(random);
  if (draft.fields.length === 0 || random.chance(30)) place(random, draft, fresh);
  else return random.pick(draft.fields);
  return fresh;
}

const line =
  (name: string, values: readonly string[]): Perversion =>
  (random, draft) => {
    place(random, draft, field(name, random.pick(values)));
  };

const inTarget =
  (pieces: readonly string[]): Perversion =>
  (random, draft) => {
    const { target } = draft;
    const at = 1 + random.below(target.length);
    draft.target = target.slice(0, at) + random.pick(pieces) + target.slice(at);
  };

/** Into the path, also where there is a query. */
const inPath =
  (pieces: readonly string[]): Perversion =>
  (random, draft) => {
    draft.target = `/a${random.pick(pieces)}${draft.target}`;
  };

const inChunk =
  (spoil: (random: Random, draft: RequestDraft) => void): Perversion =>
  (random, draft) => {
    makeChunked(random, draft);
    spoil(random, draft);
  };

const REQUEST_LINE: readonly Perversion[] = [
  (random, draft) => {
    draft.method = random.pick([
      'FOO',
      'get',
      'PRI',
      'GETX',
      'M-SEARC',
      'GE',
      'Post',
      'OPTION',
      'SOURCES',
      'ICE',
      'XXXXXXXXXXXXXXX',
    ]);
  },
  (random, draft) => {
    draft.method = random.pick(['CONNECT', 'TRACE']);
  },
  (random, draft) => {
    draft.method = random.pick([
      '',
      ' GET',
      'G(T',
      'GE T',
      'GET\t',
      '\x00GET',
      'GET\r\n',
      '\tGET',
      'G\xc9T',
      '"GET"',
    ]);
  },
  (random, draft) => {
    draft.version = random.pick([
      'HTTP/2.0',
      'HTTP/0.9',
      'HTTP/1.2',
      'HTTP/1.10',
      'http/1.1',
      'HTTP/1.1 ',
      '',
      'HTTP/1,1',
      'HTP/1.1',
      'ICE/1.0',
      'RTSP/1.0',
      'HTTP/01.1',
      'HTTP/1.1\t',
      'HTTP/11',
      'HTTP/3.0',
    ]);
  },
  (random, draft) => {
    draft.method = 'SOURCE';
    draft.version = random.pick(['ICE/1.0', 'HTTP/1.1', 'HTTP/1.0']);
  },
  (random, draft) => {
    draft.version = 'HTTP/1.0';
    if (random.chance(50)) draft.fields = draft.fields.filter(({ name }) => name !== 'Host');
  },
  (random, draft) => {
    draft.secondGap = '';
    draft.version = '';
    draft.lineEnd = random.pick(['\n', '\r\n']);
  },
  (random, draft) => {
    draft.gap = random.pick(['  ', '\t', '', '\x0b', ' \t']);
  },
  (random, draft) => {
    draft.secondGap = random.pick(['  ', '\t', '', '\x0c', '\xa0', '\r']);
  },
  (random, draft) => {
    draft.lineEnd = random.pick(EOLS);
  },
  (random, draft) => {
    draft.before = random.pick([
      '\r\n\r\n',
      '\n',
      '\r',
      ' ',
      '\r\n\r\n\r\n',
      '\n\n',
      '\x00',
      '\r\n ',
      '\xef\xbb\xbf',
    ]);
  },
];

const TARGET: readonly Perversion[] = [
  inTarget(['#', '#/admin']),
  inTarget(['\x80', '\xff', '\xe9', '\x85', '\xa0']),
  inTarget(['\t', '\x00', '\x0c', '\x7f', '\x1f']),
  inTarget([' ', '  ', ' HTTP/1.1', ' HTTP/1.1\r\nX: y ']),
  inTarget(['\n', '\r', '\r\n', '\r\n ']),
  inPath(['\\', '\\..\\', '/\\']),
  inPath(['%00', '%00.html']),
  inPath(['%', '%z', '%4', '%G0', '%%34']),
  inPath(['%2f', '%2F', '%5c', '%5C', '%2f..%2f']),
  inPath(['//', '///', '/./', '/../', '/%2e%2e/', '/.;/', '/..;a/']),
  (random, draft) => {
    draft.target = random.pick([
      'http://a/x',
      'HTTP://A/',
      'https://a',
      'a/b',
      '',
      '@evil',
      'http:/x',
      '?x',
      '*',
      '*a',
      'a',
      '.',
      ':80',
      'a:443',
      'x://y@z/',
      '-',
    ]);
  },
  (random, draft) => {
    draft.target = `/${random.text('abc', LIMITS.targetBytesMax - 3 + random.below(6))}`;
  },
  (random, draft) => {
    draft.target = `/${random.text('abc', LIMITS.targetBytesMax + random.below(200))}`;
  },
];

const HOST: readonly Perversion[] = [
  (_random, draft) => {
    draft.fields = draft.fields.filter(({ name }) => name !== 'Host');
  },
  line('Host', ['a', 'b', '', 'A']),
  line('host', ['a', 'b', '', 'A']),
  (random, draft) => {
    draft.fields = draft.fields.filter(({ name }) => name !== 'Host');
    place(
      random,
      draft,
      field(
        'Host',
        random.pick([
          '',
          ' ',
          'a/b?c',
          'u@a',
          'a:b',
          'a:99999',
          'a b',
          '.',
          '-a',
          'a,b',
          '[::1',
          '::1',
          'a..b',
          'a..',
          '%61',
          'a#',
          '\xe9',
          '[:::]',
          '[1.2.3.4]',
          'a:',
          'a\tb',
        ]),
      ),
    );
  },
];

const FIELDS: readonly Perversion[] = [
  (random, draft) => {
    anyField(random, draft).colon = random.pick(['', ' ', '=', '\t', ';']);
    draft.fields = draft.fields.map((one) => ({
      ...one,
      value: one.colon.includes(':') ? one.value : one.value.replaceAll(':', ''),
    }));
  },
  (random, draft) => {
    anyField(random, draft).colon = random.pick([
      ' : ',
      '\t: ',
      '\r: ',
      '\xa0: ',
      '\x00: ',
      '\n: ',
    ]);
  },
  (random, draft) => {
    anyField(random, draft).name = random.pick([
      '',
      ' X',
      '\tX',
      'X Y',
      'X\xe9',
      'X"',
      'X(',
      'X/',
      'X@',
      'X\x00',
      '\xefHost',
      'X,',
      '[X]',
      '{',
      '\x7f',
      'X\nY',
      'X\rY',
    ]);
  },
  (random, draft) => {
    anyField(random, draft).name = random.pick([
      'content-length ',
      ' content-length',
      'content\tlength',
      'transfer-encoding ',
      'host\x00',
      'transfer-encoding\x0b',
      'Content-Length\x00',
    ]);
  },
  (random, draft) => {
    const one = anyField(random, draft);
    const at = random.below(one.value.length + 1);
    one.value = one.value.slice(0, at) + random.text(CONTROLS, 1) + one.value.slice(at);
  },
  (random, draft) => {
    const one = anyField(random, draft);
    const at = random.below(one.value.length + 1);
    one.value =
      one.value.slice(0, at) +
      random.pick(['\r', '\n', '\r\r', '\n\n', '\n ']) +
      one.value.slice(at);
  },
  (random, draft) => {
    const one = anyField(random, draft);
    one.value += random.pick([
      '\r\n b',
      '\r\n\tb',
      '\r\n ',
      '\r\n \r\n b',
      '\r\n chunked',
      '\r\n\t5',
    ]);
  },
  (random, draft) => {
    anyField(random, draft).end = random.pick(EOLS);
  },
  (random, draft) => {
    draft.headEnd = random.pick(['\n', '\r', '', '\r\r\n', ' \r\n', '\t\r\n', '\n\r\n']);
  },
  (random, draft) => {
    const count = LIMITS.fieldsMax - 3 + random.below(10);
    while (draft.fields.length < count) draft.fields.push(field('A', 'b'));
  },
  (random, draft) => {
    const rest = LIMITS.headBytesMax - 300 + random.below(600);
    place(random, draft, field('X-Long', random.text('ab ', rest)));
  },
  // A head that ends within a few octets of the limit, on either side.
  (random, draft) => {
    let bytes = draft.method.length + draft.target.length + 2 + draft.version.length + 2;
    for (const one of draft.fields)
      bytes += one.name.length + one.colon.length + one.value.length + 2;
    place(
      random,
      draft,
      field('P', 'p'.repeat(Math.max(0, LIMITS.headBytesMax - bytes - 8 + random.below(12)))),
    );
  },
  line('Authorization', ['Bearer y', '', 'Basic x']),
  (random, draft) => {
    for (let count = 2; count > 0; count--)
      place(random, draft, field('authorization', 'Bearer z'));
  },
  line('Expect', ['200-ok', '', '100-continue, x', '100-continu', 'x=y']),
  line('Connection', [
    'close',
    'keep-alive',
    'close\xa0',
    'upgrade',
    'content-length',
    'transfer-encoding, close',
    'x\tclose',
  ]),
  line('Proxy-Connection', ['close', 'keep-alive', 'Close', 'x, close']),
  (random, draft) => {
    place(random, draft, field('Connection', 'Upgrade'));
    place(random, draft, field('Upgrade', random.pick(['websocket', 'h2c', 'x'])));
  },
];

const LENGTHS = [
  '',
  '+1',
  '-1',
  '1,1',
  '1, 1',
  '0x5',
  '5 5',
  '1.0',
  '1e1',
  'five',
  '5;',
  '"5"',
  '9007199254740993',
  '18446744073709551617',
  '0000000000000000005',
  '5\xa0',
  '\xb2',
  '5\x00',
  '5,',
  ',5',
  '5\t5',
];

const FRAMING: readonly Perversion[] = [
  (random, draft) => {
    makeLength(random, draft, soundPayload(random));
    for (const one of draft.fields)
      if (/^content-length$/i.test(one.name)) one.value = random.pick(LENGTHS);
  },
  (random, draft) => {
    makeLength(random, draft, soundPayload(random));
    for (const one of draft.fields)
      if (/^content-length$/i.test(one.name))
        one.value =
          random.pick(['+', '-', '0x', ' ', '0', '']) +
          one.value +
          random.pick(['', ' ', '\t', ',', ' 1', '\x0b']);
  },
  (random, draft) => {
    const payload = soundPayload(random);
    makeLength(random, draft, payload);
    place(
      random,
      draft,
      field(
        'Content-Length',
        random.chance(50) ? String(payload.length) : String(random.below(30)),
      ),
    );
  },
  // A length that does not fit what comes: what is behind it belongs to the next request.
  (random, draft) => {
    makeLength(random, draft, soundPayload(random));
    for (const one of draft.fields)
      if (/^content-length$/i.test(one.name)) one.value = String(random.below(40));
  },
  (random, draft) => {
    makeLength(random, draft, soundPayload(random));
    for (const one of draft.fields)
      if (/^content-length$/i.test(one.name))
        one.value = String(LIMITS.bodyBytesMax - 2 + random.below(2000));
  },
  (random, draft) => {
    makeChunked(random, draft);
    place(random, draft, field('Content-Length', random.pick(['0', '5', '3', '100', ''])));
  },
  (random, draft) => {
    makeChunked(random, draft);
    place(
      random,
      draft,
      field('Transfer-Encoding', random.pick(['chunked', 'identity', 'gzip', ''])),
    );
  },
  (random, draft) => {
    makeChunked(random, draft);
    for (const one of draft.fields)
      if (/^transfer-encoding$/i.test(one.name))
        one.value = random.pick([
          'gzip, chunked',
          'gzip',
          'identity',
          'xchunked',
          'chunkedx',
          'gzip,chunked',
          'deflate , chunked',
          'x-chunked',
          'chunke',
        ]);
  },
  (random, draft) => {
    makeChunked(random, draft);
    for (const one of draft.fields)
      if (/^transfer-encoding$/i.test(one.name))
        one.value = random.pick([
          'chunked, chunked',
          'chunked, identity',
          'chunked,gzip',
          '',
          ',chunked',
          'chunked,',
          'chunked;q=1',
          '"chunked"',
          'chun ked',
          'chunked\xa0',
          '\x0bchunked',
          'gzip chunked',
          'chunked, ',
          '\xa0chunked',
          'chunked chunked',
          'chunked ',
          'chunked\t',
          ' chunked \t',
        ]);
  },
  (random, draft) => {
    makeChunked(random, draft);
    draft.version = 'HTTP/1.0';
  },
  (random, draft) => {
    for (const one of draft.fields) {
      if (/^(?:content-length|transfer-encoding)$/i.test(one.name))
        one.name = random.pick(['Content_Length', 'Transfer_Encoding', 'Content-Length ', 'X']);
    }
  },
];

const inAnyChunk = (
  spoil: (random: Random, chunk: RequestDraft['chunks'][number]) => void,
): Perversion => inChunk((random, draft) => spoil(random, random.pick(draft.chunks)));

const CHUNKS: readonly Perversion[] = [
  inAnyChunk((random, chunk) => {
    chunk.size = random.pick([
      '',
      ' ',
      'g',
      '0x5',
      '-1',
      '+5',
      '5 ',
      ' 5',
      '5\t',
      '00000000000000000005',
      'ffffffffffffffff',
      '10000000000000000',
      'fffffffffffff',
      '\xb2',
      '5,5',
      '_5',
    ]);
  }),
  inAnyChunk((random, chunk) => {
    chunk.size = (Number.parseInt(chunk.size, 16) + random.below(5) - 1)
      .toString(16)
      .replace('-', '');
  }),
  inAnyChunk((random, chunk) => {
    chunk.extension = random.pick([
      ' ;a',
      ';',
      ';;',
      ';a=',
      ';=b',
      '; a',
      ';a =b',
      ';a= b',
      ';a="b"',
      ';a="b',
      ';a="\\""',
      ';\xe9',
      ';a\n',
      ';a\r',
      ';a\x00',
      '\t;a',
      ' ',
      ';a=b ',
      ';a="\r\n"',
      ';a b',
    ]);
  }),
  inAnyChunk((random, chunk) => {
    chunk.extension = `;${'x'.repeat(16_384 - 20 + random.below(60))}`;
  }),
  inAnyChunk((random, chunk) => {
    chunk.sizeEnd = random.pick(EOLS);
  }),
  inChunk((random, draft) => {
    draft.chunks.unshift(chunkOf('abc'));
    random.pick(draft.chunks).end = random.pick([...EOLS, 'x', '\r\nx', 'x\r\n', '\r', '0\r\n']);
  }),
  inChunk((random, draft) => {
    const size = LIMITS.bodyBytesMax - 40 + random.below(1000);
    draft.chunks.unshift(chunkOf('x'.repeat(size)));
  }),
  inChunk((random, draft) => {
    for (let count = 1 + random.below(3); count > 0; count--) {
      draft.trailers.push(
        field(
          random.pick([
            'Content-Length',
            'Transfer-Encoding',
            'Host',
            'Connection',
            'Upgrade',
            'Proxy-Connection',
            'Trailer',
            'TE',
            'Keep-Alive',
            'content-length',
            'Expect',
            'Authorization',
            'Cookie',
          ]),
          random.pick(['0', '5', 'chunked', 'close', 'keep-alive', 'upgrade', 'a', '']),
        ),
      );
    }
  }),
  inChunk((random, draft) => {
    const spoilt = soundField(random);
    if (random.chance(30)) spoilt.name = random.pick(['', ' X', 'X Y', 'X ', 'X\xe9', 'X\nY']);
    else if (random.chance(40)) spoilt.colon = random.pick(['', ' : ', '\t:', '=']);
    else if (random.chance(50)) spoilt.value += random.pick(['\x00', '\r', '\n', '\r\n b', '\x7f']);
    else spoilt.end = random.pick(EOLS);
    draft.trailers.push(spoilt);
  }),
  inChunk((random, draft) => {
    draft.trailers.push(field('X-Long', 'y'.repeat(8192 - 40 + random.below(80))));
  }),
  inChunk((random, draft) => {
    const count = 60 + random.below(10);
    while (draft.trailers.length < count) draft.trailers.push(field('t', ''));
  }),
  inChunk((random, draft) => {
    draft.bodyEnd = random.pick(['', '\n', '\r', '\r\r\n', 'x', ' \r\n', '\n\r\n']);
  }),
  inChunk((random, draft) => {
    draft.chunks.pop();
    if (random.chance(50)) draft.bodyEnd = '';
  }),
];

const ALL = [REQUEST_LINE, TARGET, HOST, FIELDS, FRAMING, CHUNKS];

/** Spoils one thing about a request. */
export function pervert(random: Random, draft: RequestDraft): void {
  random.pick(random.pick(ALL))(random, draft);
}
