import type { Random } from '../../test/support/differential/random.ts';
import { field, type ChunkDraft } from '../../test/support/differential/request-draft.ts';
import {
  makeChunked,
  makeLength,
  place,
  STRAY_ANSWER,
  unframed,
  type AnswerDraft,
} from './answer-draft.ts';

type Spoiling = (random: Random, draft: AnswerDraft) => void;

const EOLS = ['\n', '\r', '\r\r\n', '\n\r', '', '\r\n\r'];

const HEADS: readonly Spoiling[] = [
  (random, draft) => {
    draft.version = random.pick([
      'HTTP/2.0',
      'HTTP/1.2',
      'http/1.1',
      'HTTP/1.10',
      'ICY',
      '',
      'HTTP/0.9',
      ' HTTP/1.1',
    ]);
  },
  (random, draft) => {
    draft.status = random.pick([
      '20',
      '2000',
      '099',
      '600',
      '20x',
      '-20',
      '',
      '0200',
      '+200',
      '2 0',
      '101',
      '100',
      '199',
    ]);
  },
  (random, draft) => {
    draft.reason = random.pick(['\x00', 'a\x7fb', 'a\rb', 'a\nb', '\x1b']);
  },
  (random, draft) => {
    draft.lineEnd = random.pick(EOLS);
  },
  (random, draft) => {
    draft.headEnd = random.pick([...EOLS, ' \r\n', 'x\r\n']);
  },
  (random, draft) => {
    draft.before = random.pick([
      '\r\n',
      '\n',
      ' ',
      '\x00',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
    ]);
  },
  (_random, draft) => {
    draft.before = 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(12);
  },
  (random, draft) => {
    place(random, draft, field('X-Long', 'y'.repeat(900 + random.below(400))));
  },
  (random, draft) => {
    for (let count = 36 + random.below(10); count > 0; count--) draft.fields.push(field('A', 'b'));
  },
];

const FIELDS: readonly Spoiling[] = [
  (random, draft) => {
    random.pick(draft.fields).colon = random.pick(['', ' : ', '\t: ', '=', ' ', '\r: ', '\x00: ']);
  },
  (random, draft) => {
    random.pick(draft.fields).name = random.pick([
      '',
      ' X',
      'X Y',
      'X\xe9',
      'X\x00',
      'X(',
      'X\nY',
      '\x7f',
    ]);
  },
  (random, draft) => {
    random.pick(draft.fields).value += random.pick([
      '\x00',
      '\r',
      '\n',
      '\r\n b',
      '\x7f',
      '\x0b',
      '\n\n',
    ]);
  },
  (random, draft) => {
    random.pick(draft.fields).end = random.pick(EOLS);
  },
];

const FRAMING: readonly Spoiling[] = [
  (random, draft) => {
    makeLength(random, draft);
    const value = random.pick([
      '',
      '+1',
      '-1',
      '1,1',
      '1, 1',
      '0x5',
      '1e1',
      'five',
      '18446744073709551617',
      '5\xa0',
      '5 5',
    ]);
    for (const one of draft.fields) if (one.name === 'Content-Length') one.value = value;
  },
  (random, draft) => {
    makeLength(random, draft);
    place(random, draft, field('Content-Length', String(random.below(40))));
  },
  (random, draft) => {
    makeChunked(random, draft);
    place(random, draft, field('Content-Length', String(random.below(40))));
  },
  (random, draft) => {
    makeChunked(random, draft);
    const value = random.pick([
      'gzip, chunked',
      'gzip',
      'identity',
      'chunked, chunked',
      'xchunked',
      'chunked;q=1',
      '',
      'chunked\t',
      'chunked,',
    ]);
    for (const one of draft.fields) if (one.name === 'Transfer-Encoding') one.value = value;
  },
  (random, draft) => {
    makeChunked(random, draft);
    place(random, draft, field('Transfer-Encoding', random.pick(['chunked', 'identity'])));
  },
  (random, draft) => {
    makeChunked(random, draft);
    draft.version = 'HTTP/1.0';
  },
  // Shorter or longer than it says.
  (random, draft) => {
    makeLength(random, draft);
    for (const one of draft.fields)
      if (one.name === 'Content-Length') one.value = String(random.below(60));
    draft.end = random.pick(['keep', 'fin', 'reset', 'hold']);
  },
  (random, draft) => {
    draft.behind = random.pick([
      STRAY_ANSWER,
      STRAY_ANSWER,
      '\r\n',
      'x',
      '\x00',
      'HTTP/1.1 200 OK\r\n',
    ]);
  },
  (random, draft) => {
    unframed(draft);
    draft.status = random.pick(['204', '304']);
    draft.payload = STRAY_ANSWER;
    if (random.chance(50))
      place(random, draft, field('Content-Length', String(STRAY_ANSWER.length)));
  },
];

const inChunk =
  (spoil: (random: Random, chunk: ChunkDraft) => void): Spoiling =>
  (random, draft) => {
    makeChunked(random, draft);
    spoil(random, random.pick(draft.chunks));
  };

const CHUNKS: readonly Spoiling[] = [
  inChunk((random, chunk) => {
    chunk.size = random.pick([
      '',
      ' ',
      'g',
      '0x5',
      '-1',
      '+5',
      '5 ',
      ' 5',
      'ffffffffffffffff',
      '\xb2',
      '5,5',
    ]);
  }),
  inChunk((random, chunk) => {
    chunk.size = (Number.parseInt(chunk.size, 16) + 1 + random.below(4)).toString(16);
  }),
  inChunk((random, chunk) => {
    chunk.extension = random.pick([' ;a', ';', ';a="b"', ';a=', ';\xe9', ';a\n', ' ']);
  }),
  inChunk((random, chunk) => {
    chunk.sizeEnd = random.pick(EOLS);
  }),
  inChunk((random, chunk) => {
    chunk.end = random.pick([...EOLS, 'x', 'x\r\n']);
  }),
  (random, draft) => {
    makeChunked(random, draft);
    draft.trailers.push(
      field(
        random.pick(['Content-Length', 'Host', 'X Y', 'Connection']),
        random.pick(['0', 'a', 'close']),
      ),
    );
  },
  (random, draft) => {
    makeChunked(random, draft);
    draft.bodyEnd = random.pick(['', '\n', '\r', 'x']);
    draft.end = random.pick(['fin', 'reset', 'hold']);
  },
  (random, draft) => {
    makeChunked(random, draft);
    draft.chunks.pop();
    draft.bodyEnd = '';
    draft.end = random.pick(['fin', 'reset', 'hold']);
  },
];

const ENDS: readonly Spoiling[] = [
  (random, draft) => {
    draft.end = random.pick(['fin', 'reset']);
  },
  (random, draft) => {
    unframed(draft);
    draft.end = random.pick(['fin', 'reset']);
  },
];

const ALL = [HEADS, FIELDS, FRAMING, FRAMING, CHUNKS, ENDS];

/** Spoils one thing about an answer. */
export function spoilAnswer(random: Random, draft: AnswerDraft): void {
  random.pick(random.pick(ALL))(random, draft);
}
