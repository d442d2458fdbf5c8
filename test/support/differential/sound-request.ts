import { METHODS } from 'node:http';
import type { Random } from './random.ts';
import {
  chunkOf,
  field,
  type ChunkDraft,
  type FieldDraft,
  type RequestDraft,
} from './request-draft.ts';

const USUAL_METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'DELETE',
  'OPTIONS',
  'PATCH',
];
const TUNNELS = new Set(['CONNECT', 'TRACE']);
const OTHER_METHODS: readonly string[] = METHODS.filter((method) => !TUNNELS.has(method));

const TARGETS = [
  '/',
  '/a',
  '/a/b',
  '/api/echo?x=1',
  '/a%20b/%7euser',
  '//a//b',
  '/a/./b/../c',
  '/..',
  '/.%2e/a',
  '/a;p=1/b;q',
  '/a?b?c=/../\\%00%zz',
  "/!$&'()*+,=:@-._~",
  '/"<>[]^`{|}',
  '/%25%32%66',
  '/?',
];
const PATH_PIECES = [
  ..."/abcXYZ019-._~!$&()*+,;=:@'<>[]^`{|}",
  '%41',
  '%2D',
  '%20',
  '%ff',
  '/',
  '/',
  '.',
  '..',
];
const QUERY_ALPHABET = '/a0-._~!$&()*+,;=:@<>[]^`{|}?\\%"';

const HOSTS = [
  'a',
  'A.Example',
  'a.example.',
  'a.example:8080',
  'app_upstreams',
  '[::1]',
  '[::1]:80',
  '127.0.0.1:1',
];

const FIELD_NAMES = [
  'Accept',
  'X-A',
  'x-b',
  'X_C',
  'X.D',
  "!#$%&'*+-.^_`|~0aZ",
  'Cookie',
  'User-Agent',
  'TE',
  'Trailer',
  'Keep-Alive',
  'Content-Lengths',
  'Content-Lengt',
  'Transfer-Encodings',
  'Transfer_Encoding',
  'Content_Length',
  'Hos',
  'Connections',
  '__proto__',
  'X-UserInfo',
  'Authorization-',
  'Expected',
];
const VALUES = [
  '',
  'b',
  'a, b',
  'chunked',
  '5',
  'a\tb',
  '\xe9\xff\x80',
  'x: y',
  '"q;\\""',
  'a=1; b=2',
  '100-continue',
  ':',
  '\xa0',
];
const VALUE_ALPHABET = 'ab 09\t:;,"\\=-_\x80\xa0\xe9\xff~!';
const COLONS = [': ', ': ', ': ', ':', ':\t', ':  \t '];
const AFTER = ['', '', '', '', ' ', '\t', ' \t '];

const CONNECTION_VALUES = [
  'keep-alive',
  'Keep-Alive',
  'close',
  'CLOSE',
  'keep-alive, X-A',
  'close, keep-alive',
  'x-a , close',
  'close x',
  'closed',
  ',close,',
  'close\t,x',
  'keep-alive\xa0',
  'close\xa0',
  '\xa0close',
  'upgrade',
  'Upgrade, keep-alive',
  'TE, close\t',
  '',
  ',',
  'host, cookie',
  'keep-alive;close',
  'close;x',
];
const UPGRADES = ['websocket', 'h2c', '', 'foo/1, bar', 'HTTP/2.0'];

const PAYLOAD_ALPHABET = 'ab0\r\n \x00\xff:GET/';
const EXTENSIONS = [';a', ';a=b', ';a;b=c', ';a=1;a=2', ";!#$%&'*+-.^_`|~=0"];
const TRAILER_NAMES = ['X-T', 'X-UserInfo', 'ETag', 'Set-Cookie', 'Server-Timing'];
const SECOND = 'GET /smuggled HTTP/1.1\r\nHost: evil\r\n\r\n';

function soundTarget(random: Random): string {
  if (random.chance(60)) return random.pick(TARGETS);
  let path = '/';
  for (let length = random.below(20); length > 0; length--) path += random.pick(PATH_PIECES);
  return random.chance(40) ? `${path}?${random.text(QUERY_ALPHABET, random.below(12))}` : path;
}

export function soundField(random: Random): FieldDraft {
  const value = random.chance(70)
    ? random.pick(VALUES)
    : random.text(VALUE_ALPHABET, random.below(24));
  return {
    name: random.pick(FIELD_NAMES),
    colon: random.pick(COLONS),
    value: value + random.pick(AFTER),
    end: '\r\n',
  };
}

export function soundPayload(random: Random): string {
  // What looks like a request behind a request is what a reader that loses its place would obey.
  if (random.chance(15)) return SECOND;
  return random.text(PAYLOAD_ALPHABET, 1 + random.below(random.chance(10) ? 300 : 20));
}

function soundChunk(random: Random): ChunkDraft {
  const chunk = chunkOf(soundPayload(random));
  if (random.chance(15)) chunk.extension = random.pick(EXTENSIONS);
  if (random.chance(10)) chunk.size = `0${chunk.size}`;
  if (random.chance(20)) chunk.size = chunk.size.toUpperCase();
  return chunk;
}

/** Frames a body with the chunked coding, whatever framed it before. */
export function makeChunked(random: Random, draft: RequestDraft): void {
  draft.version = 'HTTP/1.1';
  draft.fields = draft.fields.filter(
    ({ name }) => !/^(?:content-length|transfer-encoding)$/i.test(name),
  );
  const coding = random.chance(85) ? 'chunked' : random.pick(['Chunked', 'CHUNKED', 'cHUNKED']);
  place(random, draft, field(random.pick(['Transfer-Encoding', 'transfer-encoding']), coding));
  draft.payload = '';
  draft.chunks = [];
  for (let count = random.below(4); count > 0; count--) draft.chunks.push(soundChunk(random));
  draft.chunks.push({ ...chunkOf(''), extension: random.chance(8) ? random.pick(EXTENSIONS) : '' });
  draft.trailers = [];
  if (random.chance(15)) {
    for (let count = 1 + random.below(3); count > 0; count--) {
      draft.trailers.push({ ...soundField(random), name: random.pick(TRAILER_NAMES) });
    }
  }
  draft.bodyEnd = '\r\n';
}

/** Frames a body of known length, whatever framed it before. */
export function makeLength(random: Random, draft: RequestDraft, payload: string): void {
  draft.fields = draft.fields.filter(
    ({ name }) => !/^(?:content-length|transfer-encoding)$/i.test(name),
  );
  const digits = random.chance(90) ? String(payload.length) : `00${String(payload.length)}`;
  const lengthField = field(
    random.pick(['Content-Length', 'content-length', 'CONTENT-LENGTH']),
    digits,
  );
  if (random.chance(10)) lengthField.value += random.pick([' ', '\t', '  ']);
  if (random.chance(10)) lengthField.colon = random.pick(COLONS);
  place(random, draft, lengthField);
  draft.payload = payload;
  draft.chunks = [];
  draft.trailers = [];
  draft.bodyEnd = '';
}

/** Anywhere among the others. */
export function place(random: Random, draft: RequestDraft, line: FieldDraft): void {
  draft.fields.splice(random.below(draft.fields.length + 1), 0, line);
}

/** A request that nobody has reason to refuse, of every shape that is allowed. */
export function soundRequest(random: Random): RequestDraft {
  const draft: RequestDraft = {
    before: random.chance(3) ? '\r\n' : '',
    method: random.chance(88) ? random.pick(USUAL_METHODS) : random.pick(OTHER_METHODS),
    gap: ' ',
    target: soundTarget(random),
    secondGap: ' ',
    version: random.chance(88) ? 'HTTP/1.1' : 'HTTP/1.0',
    lineEnd: '\r\n',
    fields: [],
    headEnd: '\r\n',
    payload: '',
    chunks: [],
    trailers: [],
    bodyEnd: '',
  };
  if (draft.method === 'OPTIONS' && random.chance(30)) draft.target = '*';
  for (let count = random.below(5); count > 0; count--) draft.fields.push(soundField(random));
  if (draft.version === 'HTTP/1.1' || random.chance(50))
    place(random, draft, field('Host', random.pick(HOSTS)));
  if (random.chance(draft.version === 'HTTP/1.0' ? 70 : 20)) {
    const name = random.chance(80) ? 'Connection' : random.pick(['connection', 'Proxy-Connection']);
    place(random, draft, field(name, random.pick(CONNECTION_VALUES)));
  }
  if (random.chance(5)) place(random, draft, field('Upgrade', random.pick(UPGRADES)));
  if (random.chance(3))
    place(random, draft, field('Expect', random.pick(['100-continue', '100-Continue'])));
  if (random.chance(5)) place(random, draft, field('Authorization', 'Bearer x'));
  const shape = random.below(10);
  if (shape < 3) makeLength(random, draft, random.chance(15) ? '' : soundPayload(random));
  else if (shape < 6 && draft.version === 'HTTP/1.1') makeChunked(random, draft);
  return draft;
}
