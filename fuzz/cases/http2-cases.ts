import { pervert } from '../../test/support/differential/perversions.ts';
import type { Random } from '../../test/support/differential/random.ts';
import { soundRequest } from '../../test/support/differential/sound-request.ts';
import { EDGE_NAMES } from '../gateway/certificates.ts';
import {
  bytesOfFrame,
  frame,
  FrameFlag,
  FrameType,
  PREFACE,
  settingsPayload,
  uint32,
  type FrameDraft,
} from '../http2/frames.ts';
import { literal } from '../http2/hpack.ts';
import type { Http2Case, Http2Request } from './fuzz-case.ts';
import { spoilFrames } from './frame-spoilings.ts';
import { answersOf, cutsOf, season } from './http1-cases.ts';
import { spoilHttp2Fields } from './http2-fields.ts';

/** By which an upstream tells which of the requests of a connection it sees. */
export const TURN_FIELD = 'x-turn';

const HEADER_TABLE_SIZE = 1;
const INITIAL_WINDOW_SIZE = 4;
/** Fields of a connection, which HTTP/2 has not; some cases have them all the same. */
const OF_CONNECTION =
  /^(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|host|content-length)$/;

interface StreamDraft {
  request: Http2Request;
  frames: FrameDraft[];
}

/** Several requests on one connection, their frames woven into each other, some of them spoilt. */
export function http2Case(random: Random, index: number, sessions: readonly string[]): Http2Case {
  const streams: StreamDraft[] = [];
  let hasSession = false;
  do {
    const { hasCookie, request } = requestOf(random, streams.length, sessions);
    hasSession ||= hasCookie;
    streams.push({ request, frames: framesOf(random, request, streams.length * 2 + 1) });
  } while (streams.length < 6 && random.chance(55));
  const frames = [opening(random), ...woven(random, streams)];
  if (random.chance(25)) frames.push(frame(FrameType.ping, 0, 0, Buffer.alloc(8, 7)));
  let isSpoilt = false;
  if (random.chance(22)) {
    isSpoilt = true;
    do spoilFrames(random, frames, streams.length * 2 - 1);
    while (random.chance(25));
  }
  const preface = random.chance(1) ? random.pick(PREFACES) : PREFACE;
  let bytes: Buffer = Buffer.concat([Buffer.from(preface, 'latin1'), ...frames.map(bytesOfFrame)]);
  if (random.chance(6)) {
    isSpoilt = true;
    bytes = flipped(random, bytes);
  }
  return {
    kind: 'http2',
    index,
    door: 'secure',
    bytes,
    cuts: cutsOf(random, bytes.toString('latin1')),
    leaving: leavingOf(random),
    requests: streams.map(({ request }) => request),
    isSpoilt: isSpoilt || preface !== PREFACE,
    answers: answersOf(random, index),
    hasSession,
  };
}

const PREFACES = [
  '',
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  PREFACE.slice(0, 20),
  `${PREFACE}${PREFACE}`,
  PREFACE.replace('SM', 'XX'),
];

function leavingOf(random: Random): Http2Case['leaving'] {
  const roll = random.below(1000);
  if (roll < 900) return 'answer';
  if (roll < 950) return 'fin';
  return roll < 998 ? 'reset' : 'hold';
}

function opening(random: Random): FrameDraft {
  const settings: (readonly [number, number])[] = [[HEADER_TABLE_SIZE, 0]];
  if (random.chance(10))
    settings.push([INITIAL_WINDOW_SIZE, random.pick([0, 1, 10, 65_535, 2 ** 31 - 1])]);
  return frame(FrameType.settings, 0, 0, settingsPayload(settings));
}

function requestOf(
  random: Random,
  turn: number,
  sessions: readonly string[],
): { request: Http2Request; hasCookie: boolean } {
  const draft = soundRequest(random);
  const hasCookie = season(random, draft, sessions);
  if (random.chance(12)) pervert(random, draft);
  const body = draft.payload + draft.chunks.map(({ payload }) => payload).join('');
  const fields: (readonly [string, string])[] = [
    [':method', draft.method],
    [':path', draft.target],
    [':scheme', 'https'],
    [
      ':authority',
      random.chance(94) ? EDGE_NAMES[0] : random.pick(['a', EDGE_NAMES[1], '', 'a b', 'u@a']),
    ],
    [TURN_FIELD, String(turn)],
  ];
  for (const { name, value } of draft.fields) {
    const lower = name.toLowerCase();
    if (!OF_CONNECTION.test(lower) || random.chance(2)) fields.push([lower, value.trim()]);
  }
  if (body !== '' && random.chance(40)) fields.push(['content-length', String(body.length)]);
  if (random.chance(15)) spoilHttp2Fields(random, fields);
  return { request: { fields, body }, hasCookie };
}

function framesOf(random: Random, { body, fields }: Http2Request, stream: number): FrameDraft[] {
  const block = Buffer.concat(
    fields.map(([name, value]) => literal(name, value, random.pick(['plain', 'never', 'indexed']))),
  );
  const frames = headersOf(random, block, stream, body === '' && random.chance(90));
  if (body === '' && ((frames[0]?.flags ?? 0) & FrameFlag.endStream) !== 0) return frames;
  let from = 0;
  while (random.chance(40) && from < body.length) {
    const to = from + random.below(body.length - from + 1);
    frames.push(frame(FrameType.body, 0, stream, Buffer.from(body.slice(from, to), 'latin1')));
    from = to;
  }
  const last = Buffer.from(body.slice(from), 'latin1');
  frames.push(frame(FrameType.body, FrameFlag.endStream, stream, last));
  return frames;
}

/** In one frame or several, padded or not. */
function headersOf(random: Random, block: Buffer, stream: number, isEnd: boolean): FrameDraft[] {
  const end = isEnd ? FrameFlag.endStream : 0;
  if (random.chance(12)) {
    const at = random.below(block.length);
    return [
      frame(FrameType.headers, end, stream, block.subarray(0, at)),
      frame(FrameType.continuation, FrameFlag.endHeaders, stream, block.subarray(at)),
    ];
  }
  let payload = block;
  let flags: number = FrameFlag.endHeaders | end;
  if (random.chance(8)) {
    payload = Buffer.concat([uint32(random.below(9) * 2), Buffer.from([16]), payload]);
    flags |= FrameFlag.priority;
  }
  if (random.chance(8)) {
    const padding = random.below(40);
    payload = Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)]);
    flags |= FrameFlag.padded;
  }
  return [frame(FrameType.headers, flags, stream, payload)];
}

/** The frames of all streams: each stream's in order, begun in order, a header block in one piece. */
function woven(random: Random, streams: readonly StreamDraft[]): FrameDraft[] {
  const queues = streams.map(({ frames }) => [...frames]);
  const out: FrameDraft[] = [];
  let begun = 0;
  while (queues.some((queue) => queue.length > 0)) {
    const at =
      begun < queues.length && random.chance(60) ? begun : random.below(Math.max(1, begun));
    const queue = queues[at] ?? [];
    if (at === begun) begun++;
    const first = queue.shift();
    if (first !== undefined) out.push(first);
    while (queue[0]?.type === FrameType.continuation) out.push(queue.shift() as FrameDraft); // there is one
    if (random.chance(2)) out.push(frame(FrameType.windowUpdate, 0, at * 2 + 1, uint32(1000)));
  }
  if (random.chance(6)) {
    const stream = random.below(streams.length) * 2 + 1;
    out.push(frame(FrameType.reset, 0, stream, uint32(random.below(14))));
  }
  return out;
}

function flipped(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(copy.length);
    copy[at] = random.chance(50) ? random.below(256) : (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return random.chance(20) ? copy.subarray(0, random.below(copy.length)) : copy;
}
