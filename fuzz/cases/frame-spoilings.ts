import type { Random } from '../../test/support/differential/random.ts';
import {
  frame,
  FrameFlag,
  FrameType,
  settingsPayload,
  uint32,
  type FrameDraft,
} from '../http2/frames.ts';
import { literal } from '../http2/hpack.ts';

type Spoiling = (random: Random, frames: FrameDraft[], lastStream: number) => void;

const insert = (random: Random, frames: FrameDraft[], one: FrameDraft): void => {
  frames.splice(random.below(frames.length + 1), 0, one);
};

const anyStream = (random: Random, last: number): number =>
  random.pick([0, 1, 2, 3, last, last + 1, last + 2, last + 20, 2 ** 31 - 1, 2 ** 31 + 1]);

const BLOCKS = [
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0x80]),
  Buffer.from([0xbe]),
  Buffer.from([0x3f, 0xff, 0xff, 0xff, 0x7f]),
  Buffer.from([0x40, 0x7f, 0xff, 0xff]),
  Buffer.from([0x00, 0x82, 0xff, 0xff, 0x01, 0x61]),
  Buffer.from([0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x01, 0x61]),
  Buffer.from([0x82, 0x86, 0x84, 0x41]),
  Buffer.concat([
    literal(':method', 'GET', 'plain'),
    literal('a', 'b', 'plain'),
    literal(':path', '/', 'plain'),
  ]),
];

const ALL: readonly Spoiling[] = [
  (random, frames) => {
    random.pick(frames).length = random.pick([0, 1, 8, 100, 16_384, 16_385, 0xff_ffff]);
  },
  (random, frames, last) => {
    random.pick(frames).stream = anyStream(random, last);
  },
  (random, frames) => {
    random.pick(frames).type = random.below(14);
  },
  (random, frames) => {
    random.pick(frames).flags ^= 1 << random.below(8);
  },
  (random, frames) => {
    const one = random.pick(frames);
    one.payload = one.payload.subarray(0, random.below(one.payload.length + 1));
  },
  (random, frames) => {
    insert(random, frames, { ...random.pick(frames) });
  },
  (random, frames) => {
    frames.splice(random.below(frames.length), 1);
  },
  (random, frames) => {
    const [moved] = frames.splice(random.below(frames.length), 1);
    if (moved !== undefined) insert(random, frames, moved);
  },
  (random, frames, last) => {
    const increment = random.pick([0, 1, 2 ** 31 - 1, 2 ** 31]);
    insert(
      random,
      frames,
      frame(FrameType.windowUpdate, 0, anyStream(random, last), uint32(increment)),
    );
  },
  (random, frames) => {
    const settings = [
      [random.below(10), random.pick([0, 1, 2, 16_383, 16_384, 2 ** 24, 2 ** 31, 2 ** 32 - 1])],
    ] as const;
    const times = random.chance(80) ? 1 : 40;
    for (let count = times; count > 0; count--) {
      insert(random, frames, frame(FrameType.settings, 0, 0, settingsPayload(settings)));
    }
  },
  (random, frames) => {
    insert(
      random,
      frames,
      frame(FrameType.settings, FrameFlag.ack, random.below(2), Buffer.alloc(random.pick([0, 6]))),
    );
  },
  (random, frames) => {
    const times = random.chance(70) ? 1 : 30;
    for (let count = times; count > 0; count--) {
      insert(
        random,
        frames,
        frame(
          FrameType.ping,
          random.pick([0, 1]),
          random.below(2),
          Buffer.alloc(random.pick([8, 8, 7, 0])),
        ),
      );
    }
  },
  (random, frames, last) => {
    insert(
      random,
      frames,
      frame(FrameType.reset, 0, anyStream(random, last), uint32(random.below(14))),
    );
  },
  (random, frames) => {
    insert(
      random,
      frames,
      frame(
        FrameType.goaway,
        0,
        random.below(2),
        Buffer.concat([uint32(random.below(9)), uint32(random.below(14))]),
      ),
    );
  },
  (random, frames, last) => {
    insert(
      random,
      frames,
      frame(FrameType.pushPromise, FrameFlag.endHeaders, anyStream(random, last), uint32(2)),
    );
  },
  (random, frames, last) => {
    const stream = random.chance(60) ? last + 2 : anyStream(random, last);
    const flags = FrameFlag.endHeaders | FrameFlag.endStream;
    insert(random, frames, frame(FrameType.headers, flags, stream, random.pick(BLOCKS)));
  },
  (random, frames, last) => {
    insert(
      random,
      frames,
      frame(FrameType.continuation, FrameFlag.endHeaders, anyStream(random, last), Buffer.alloc(2)),
    );
  },
  (random, frames, last) => {
    insert(
      random,
      frames,
      frame(FrameType.headers, 0, last + 2, literal(':method', 'GET', 'plain')),
    );
  },
  (random, frames, last) => {
    insert(
      random,
      frames,
      frame(
        FrameType.priority,
        0,
        anyStream(random, last),
        Buffer.concat([uint32(last), Buffer.alloc(random.pick([1, 0]))]),
      ),
    );
  },
  // Trailers, and what does not belong into them.
  (random, frames) => {
    const at = frames.findLastIndex(({ type }) => type === FrameType.body);
    const one = frames[at];
    if (one === undefined) return;
    one.flags = 0;
    const [name, value] = random.pick([
      ['x-t', 'y'],
      ['x-userinfo', 'forged'],
      [':path', '/private/a'],
      ['content-length', '3'],
    ] as const);
    const flags = FrameFlag.endHeaders | random.pick([FrameFlag.endStream, 0]);
    frames.splice(
      at + 1,
      0,
      frame(FrameType.headers, flags, one.stream, literal(name, value, 'plain')),
    );
  },
  (random, frames) => {
    const padding = random.pick([0, 1, 200, 255]);
    const one = random.pick(frames);
    one.flags |= FrameFlag.padded;
    one.payload = Buffer.concat([Buffer.from([padding]), one.payload]);
  },
];

/** Spoils one thing about the frames of a connection. */
export function spoilFrames(random: Random, frames: FrameDraft[], lastStream: number): void {
  random.pick(ALL)(random, frames, lastStream);
}
