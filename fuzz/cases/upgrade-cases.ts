import { mutateOctets } from '../../test/support/differential/octet-mutations.ts';
import { pervert } from '../../test/support/differential/perversions.ts';
import type { Random } from '../../test/support/differential/random.ts';
import { field, textOf, type RequestDraft } from '../../test/support/differential/request-draft.ts';
import { place } from '../../test/support/differential/sound-request.ts';
import { EDGE_NAMES } from '../gateway/certificates.ts';
import { markOf } from './answer-mark.ts';
import { answerScript } from './answers.ts';
import type { AnswerScript, Door, Leaving, UpgradeCase } from './fuzz-case.ts';
import { cutsOf } from './http1-cases.ts';

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const TARGETS = [
  '/ws/a',
  '/ws/a',
  '/ws/a',
  '/ws-sealed/a',
  '/ws-private/a',
  '/ws-private/a',
  '/x',
  '/ws/../ws-private/a',
  '/ws;x/a',
];

/** One handshake, spoilt or not, and what both sides say behind it. */
export function upgradeCase(
  random: Random,
  index: number,
  sessions: readonly string[],
): UpgradeCase {
  const door: Door = random.pick(['clear', 'clear', 'strict', 'secure']);
  const draft = handshake(random, door);
  const hasSession = random.chance(40);
  if (hasSession) place(random, draft, field('Cookie', random.pick(sessions)));
  if (random.chance(35)) spoil(random, draft);
  let text = textOf(draft);
  if (random.chance(8)) text += frames(random, true);
  if (random.chance(6)) text = mutateOctets(random, text);
  return {
    kind: 'upgrade',
    index,
    door,
    text,
    cuts: cutsOf(random, text),
    leaving: leavingOf(random),
    clientFrames: frames(random, true),
    answers: Array.from({ length: 3 }, (_, turn) => handshakeAnswer(random, index, turn)),
    hasSession,
  };
}

function leavingOf(random: Random): Leaving {
  const roll = random.below(100);
  if (roll < 86) return 'answer';
  if (roll < 92) return 'fin';
  return roll < 98 ? 'reset' : 'hold';
}

function handshake(random: Random, door: Door): RequestDraft {
  const host = door === 'secure' ? EDGE_NAMES[0] : 'a';
  const scheme = door === 'secure' ? 'https' : 'http';
  const draft: RequestDraft = {
    ...{ before: '', method: 'GET', gap: ' ', target: random.pick(TARGETS), secondGap: ' ' },
    ...{ version: 'HTTP/1.1', lineEnd: '\r\n', headEnd: '\r\n', payload: '', bodyEnd: '' },
    ...{ chunks: [], trailers: [] },
    fields: [
      field('Host', host),
      field('Connection', random.pick(['Upgrade', 'keep-alive, Upgrade', 'upgrade'])),
      field('Upgrade', random.pick(['websocket', 'WebSocket'])),
      field('Sec-WebSocket-Version', '13'),
      field(
        'Sec-WebSocket-Key',
        `${random.text(KEY_ALPHABET, 21)}${random.pick(['A', 'Q', 'g', 'w'])}==`,
      ),
    ],
  };
  if (random.chance(80)) place(random, draft, field('Origin', `${scheme}://${host}`));
  if (random.chance(20)) place(random, draft, field('Sec-WebSocket-Protocol', 'chat, superchat'));
  return draft;
}

const SPOILINGS: readonly ((random: Random, draft: RequestDraft) => void)[] = [
  (random, draft) => {
    draft.fields.splice(random.below(draft.fields.length), 1);
  },
  (random, draft) => {
    place(random, draft, { ...random.pick(draft.fields) });
  },
  (random, draft) => {
    const values = [
      '',
      'h2c',
      'websocket, h2c',
      '8',
      '13, 8',
      'close',
      'x',
      'Sec-WebSocket-Key, Upgrade',
      'https://evil',
      'null',
    ];
    random.pick(draft.fields).value = random.pick(values);
  },
  (random, draft) => {
    draft.method = random.pick(['POST', 'HEAD', 'CONNECT', 'OPTIONS']);
  },
  (_random, draft) => {
    draft.version = 'HTTP/1.0';
  },
  (random, draft) => {
    place(random, draft, field('Content-Length', random.pick(['0', '5'])));
  },
  (random, draft) => {
    place(random, draft, field('Transfer-Encoding', 'chunked'));
  },
  (random, draft) => {
    place(random, draft, field('Expect', '100-continue'));
  },
  pervert,
];

function spoil(random: Random, draft: RequestDraft): void {
  random.pick(SPOILINGS)(random, draft);
}

const AGREEMENT =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n';
const DISAGREEMENTS = [
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept}\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Accept: x\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept : {accept}\r\n\r\n',
  'HTTP/1.1 101\r\nUpgrade: websocket\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
];

function handshakeAnswer(random: Random, index: number, turn: number): AnswerScript {
  const roll = random.below(100);
  if (roll >= 80) return answerScript(random, index, turn);
  let text = random.pick(DISAGREEMENTS);
  if (roll < 65)
    text = `${AGREEMENT}X-Answer: ${markOf(index, turn)}\r\n${random.chance(10) ? 'Set-Cookie: fuzz=evil\r\nX-UserInfo: evil\r\n' : ''}\r\n`;
  text += frames(random, false);
  const end = random.pick(['keep', 'keep', 'fin', 'fin', 'reset', 'hold'] as const);
  return { text, headLength: -1, cuts: [], end, delayMs: 0, isEarly: false };
}

/** Frames of a WebSocket, one octet a character, and now and then what is none. */
function frames(random: Random, isMasked: boolean): string {
  let text = '';
  for (let count = random.below(4); count > 0; count--) {
    if (random.chance(10)) text += random.text('\x00\xff\x81\x88a', 1 + random.below(20));
    const length = random.below(random.chance(90) ? 126 : 2000);
    const size =
      length < 126
        ? String.fromCharCode(length | (isMasked ? 128 : 0))
        : String.fromCharCode(126 | (isMasked ? 128 : 0), length >> 8, length & 255);
    const first = random.pick(['\x81', '\x82', '\x01', '\x80', '\x89', '\x8a', '\x88']);
    text += `${first}${size}${isMasked ? '\0\0\0\0' : ''}${'x'.repeat(length)}`;
  }
  return text;
}
