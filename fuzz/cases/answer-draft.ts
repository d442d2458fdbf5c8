import type { Random } from '../../test/support/differential/random.ts';
import {
  chunkOf,
  field,
  type ChunkDraft,
  type FieldDraft,
} from '../../test/support/differential/request-draft.ts';
import { soundField } from '../../test/support/differential/sound-request.ts';
import { STRAY } from './answer-mark.ts';
import type { AnswerEnd } from './fuzz-case.ts';

/** An answer in the pieces that RFC 9112 knows; every piece is written as it stands. */
export interface AnswerDraft {
  before: string;
  version: string;
  status: string;
  reason: string;
  lineEnd: string;
  fields: FieldDraft[];
  headEnd: string;
  payload: string;
  chunks: ChunkDraft[];
  trailers: FieldDraft[];
  bodyEnd: string;
  behind: string;
  end: AnswerEnd;
}

export const STRAY_ANSWER = `HTTP/1.1 200 OK\r\nX-Answer: ${STRAY}\r\nContent-Length: 5\r\n\r\nstray`;
/** None of them is one that the gateway gives for an upstream that failed. */
const STATUSES = [
  '200',
  '200',
  '200',
  '200',
  '201',
  '206',
  '301',
  '400',
  '401',
  '404',
  '410',
  '500',
  '204',
  '304',
  '299',
  '599',
];
const REASONS = ['OK', '', 'Not Found', 'a\tb', '\xe9\xff', 'x: y'];
const PAYLOAD_ALPHABET = 'ab0\r\n \x00\xff:HTTP/';
const OWN_FIELDS = [
  field('Set-Cookie', 'fuzz=evil; Path=/'),
  field('Set-Cookie', 'FUZZ=evil'),
  field('Set-Cookie', '__Host-fuzz=evil; Secure'),
  field('Set-Cookie', 'other=good'),
  field('X-UserInfo', 'evil'),
  field('x_userinfo', 'evil'),
  field('X-Request-Id', 'evil'),
  field('Connection', 'X-A'),
  field('Connection', 'close'),
  field('Connection', 'keep-alive'),
  field('Keep-Alive', 'timeout=5'),
  field('Upgrade', 'h2c'),
  field('Cache-Control', 'public, max-age=9'),
  field('Trailer', 'X-T'),
  field('Date', 'Sun, 06 Nov 1994 08:49:37 GMT'),
];

const written = (fields: readonly FieldDraft[]): string =>
  fields.map(({ name, colon, value, end }) => name + colon + value + end).join('');

export const headOf = (draft: AnswerDraft): string =>
  `${draft.before}${draft.version} ${draft.status}${draft.reason === '' ? '' : ` ${draft.reason}`}${draft.lineEnd}${written(draft.fields)}${draft.headEnd}`;

export function bodyOf(draft: AnswerDraft): string {
  let text = draft.payload;
  for (const { size, extension, sizeEnd, payload, end } of draft.chunks) {
    text += size + extension + sizeEnd + payload + end;
  }
  return text + written(draft.trailers) + draft.bodyEnd;
}

function payloadOf(random: Random): string {
  if (random.chance(12)) return STRAY_ANSWER;
  return random.text(PAYLOAD_ALPHABET, random.below(random.chance(3) ? 2000 : 30));
}

export const unframed = (draft: AnswerDraft): void => {
  draft.fields = draft.fields.filter(
    ({ name }) => !/^(?:content-length|transfer-encoding)$/i.test(name),
  );
  draft.payload = '';
  draft.chunks = [];
  draft.trailers = [];
  draft.bodyEnd = '';
};

export const place = (random: Random, draft: AnswerDraft, line: FieldDraft): void => {
  draft.fields.splice(random.below(draft.fields.length + 1), 0, line);
};

export function makeLength(random: Random, draft: AnswerDraft): void {
  unframed(draft);
  draft.payload = payloadOf(random);
  place(random, draft, field('Content-Length', String(draft.payload.length)));
}

export function makeChunked(random: Random, draft: AnswerDraft): void {
  unframed(draft);
  draft.version = 'HTTP/1.1';
  place(random, draft, field('Transfer-Encoding', random.chance(90) ? 'chunked' : 'Chunked'));
  for (let count = random.below(4); count > 0; count--) {
    const chunk = chunkOf(payloadOf(random) || 'x');
    if (random.chance(10)) chunk.extension = ';a=b';
    if (random.chance(20)) chunk.size = `0${chunk.size.toUpperCase()}`;
    draft.chunks.push(chunk);
  }
  draft.chunks.push(chunkOf(''));
  if (random.chance(10)) draft.trailers.push(field('X-T', 'y'));
  draft.bodyEnd = '\r\n';
}

function makeClosing(random: Random, draft: AnswerDraft): void {
  unframed(draft);
  draft.payload = payloadOf(random);
  draft.end = 'fin';
}

export function soundAnswer(random: Random, mark: string): AnswerDraft {
  const draft: AnswerDraft = {
    before: '',
    version: random.chance(92) ? 'HTTP/1.1' : 'HTTP/1.0',
    status: random.pick(STATUSES),
    reason: random.chance(80) ? 'OK' : random.pick(REASONS),
    lineEnd: '\r\n',
    fields: [field('X-Answer', mark)],
    headEnd: '\r\n',
    payload: '',
    chunks: [],
    trailers: [],
    bodyEnd: '',
    behind: '',
    end: 'keep',
  };
  for (let count = random.below(3); count > 0; count--) place(random, draft, soundField(random));
  if (random.chance(25)) place(random, draft, { ...random.pick(OWN_FIELDS) });
  const shape = random.below(20);
  if (draft.status === '204' || draft.status === '304') unframed(draft);
  else if (shape < 10) makeLength(random, draft);
  else if (shape < 17) makeChunked(random, draft);
  else makeClosing(random, draft);
  if (random.chance(6)) {
    const status = random.pick(['100', '102', '103']);
    draft.before = `HTTP/1.1 ${status} Wait\r\n${random.chance(50) ? 'Link: </a>\r\nX-UserInfo: evil\r\n' : ''}\r\n`;
  }
  return draft;
}
