import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeFrame, FrameTrack } from '../../../src/wire/frame-track.ts';
import { closing, frame, readFrames } from '../../support/web-socket.ts';

const frames = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 9, 10),
    length: fc.oneof(fc.nat(300), fc.constantFrom(0, 125, 126, 65_535, 65_536, 70_000)),
    isFinal: fc.boolean(),
    isMasked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('a frame track', () => {
  it('is at a boundary exactly where a frame ends, in whatever pieces the frames come', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 5000 })), (plan, cuts) => {
        const parts = plan.map(({ opcode, length, isFinal, isMasked }) => {
          const mask = isMasked ? { mask: Buffer.from('mask') } : {};
          return frame(opcode, Buffer.alloc(length), { isFinal, ...mask });
        });
        const ends = new Set([0]);
        let total = 0;
        for (const part of parts) ends.add((total += part.length));
        const bytes = Buffer.concat(parts);
        const track = new FrameTrack();
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          track.advance(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
          expect(track.isAtBoundary).toBe(ends.has(at));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('says where the frame that is under way ends', () => {
    const track = new FrameTrack();
    const one = frame(2, Buffer.alloc(1000));
    track.advance(one.subarray(0, 3));
    expect(track.advanceToBoundary(one.subarray(3, 10))).toBe(7);
    expect(track.isAtBoundary).toBe(false);
    expect(track.advanceToBoundary(Buffer.concat([one.subarray(10), frame(1, 'x')]))).toBe(
      one.length - 10,
    );
    expect(track.isAtBoundary).toBe(true);
    expect(track.advanceToBoundary(frame(1, 'x'))).toBe(0);
  });

  it('knows a close frame that went by', () => {
    const track = new FrameTrack();
    track.advance(frame(1, 'x'));
    expect(track.hasClosed).toBe(false);
    track.advance(closeFrame(1000, 'done'));
    expect(track.hasClosed).toBe(true);
  });
});

describe('a close frame', () => {
  it('has code and reason, unmasked', () => {
    const [only] = readFrames(closeFrame(4401, 'session revoked')).frames;
    expect(only?.opcode).toBe(8);
    expect(closing(only?.payload ?? Buffer.alloc(2))).toEqual([4401, 'session revoked']);
  });
});
