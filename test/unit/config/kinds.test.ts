import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import {
  formatAddress,
  isLoopback,
  isWildcard,
  listenAddress,
  serverAddress,
} from '../../../src/config/address.ts';
import { byteSize, formatByteSize } from '../../../src/config/byte-size.ts';
import { duration, formatDuration } from '../../../src/config/duration.ts';
import { wholeNumber } from '../../../src/config/kinds.ts';

function messages(schema: z.ZodType, value: unknown): readonly string[] {
  return schema.safeParse(value).error?.issues.map((issue) => issue.message) ?? [];
}

describe('a duration', () => {
  const day = duration({ min: '1ms', max: '30d', zero: 'never' });

  it.each([
    ['1ms', 1],
    ['500ms', 500],
    ['10s', 10_000],
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['0', 0],
    [0, 0],
    ['0s', 0],
  ])('%j is %i milliseconds', (text, milliseconds) => {
    expect(day.parse(text)).toBe(milliseconds);
  });

  it.each([
    30,
    '30',
    '1.5s',
    '-1s',
    '10 s',
    '10S',
    '10sec',
    '',
    's',
    '31d',
    '9999999999s',
    true,
    null,
  ])('is not %j', (value) => {
    expect(messages(day, value)).toEqual([
      'a duration such as 30s, from 1ms to 30d, or 0 for never',
    ]);
  });

  it('is not zero unless that means something', () => {
    expect(messages(duration({ min: '1s', max: '1h' }), 0)).toEqual([
      'a duration such as 30s, from 1s to 1h',
    ]);
  });

  it.each([
    [0, '0'],
    [1, '1ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [1_800_000, '30m'],
    [86_400_000, '1d'],
  ])('of %i milliseconds is written %j', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('a size', () => {
  const size = byteSize({ min: 1_024, max: 1_073_741_824, isUnlimitedAllowed: true });

  it.each([
    ['16KiB', 16_384],
    ['1MiB', 1_048_576],
    ['1GiB', 1_073_741_824],
    ['2048', 2_048],
    [2_048, 2_048],
    ['unlimited', 0],
    [0, 0],
  ])('%j is %i bytes', (text, bytes) => {
    expect(size.parse(text)).toBe(bytes);
  });

  it.each(['16KB', '16kib', '1.5MiB', -1, 1.5, '', 1_023, '2GiB', 'KiB', null])(
    'is not %j',
    (value) => {
      expect(messages(size, value)).toEqual([
        'a size such as 16KiB, from 1KiB to 1GiB, or unlimited',
      ]);
    },
  );

  it('is written with the largest unit that fits', () => {
    expect([100, 1_024, 1_536, 1_048_576].map(formatByteSize)).toEqual([
      '100',
      '1KiB',
      '1536',
      '1MiB',
    ]);
  });
});

describe('a whole number', () => {
  it('may be zero below its range where that means something', () => {
    const number = wholeNumber({ min: 8, max: 100, zero: 'any' });
    expect([0, 8, 100].map((value) => number.safeParse(value).success)).toEqual([true, true, true]);
    for (const value of [-1, 1, 7, 101, 9.5, '9', Number.NaN]) {
      expect(messages(number, value)[0]).toBe('a whole number from 8 to 100, or 0 for any');
    }
  });
});

describe('an address', () => {
  it.each([
    ['127.0.0.1:8081', '127.0.0.1', 8081],
    ['[::1]:0', '::1', 0],
    [':8081', '::', 8081],
    ['localhost:80', 'localhost', 80],
    ['0.0.0.0:65535', '0.0.0.0', 65_535],
  ])('%s to listen on is %s and %i', (text, host, port) => {
    expect(listenAddress().parse(text)).toEqual({ host, port });
  });

  it.each([
    '8081',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '256.0.0.1:1',
    '::1:80',
    '[::g]:1',
    'www.example.org:1',
    '[127.0.0.1]',
    8081,
  ])('to listen on is not %j', (value) => {
    expect(messages(listenAddress(), value)).toHaveLength(1);
  });

  it.each([
    'a:0',
    'a',
    'http://a',
    'http://a:1/x',
    'ftp://a:1',
    'a..b:1',
    '-a:1',
    '[::1]',
    '1.2.3:80',
    ':80',
  ])('of a server is not %j', (value) => {
    expect(messages(serverAddress(), value)).toHaveLength(1);
  });

  it('is written as it is read', () => {
    for (const text of ['127.0.0.1:1', '[::1]:2', 'localhost:3']) {
      expect(formatAddress(listenAddress().parse(text))).toBe(text);
    }
  });

  it('is loopback, all addresses, or neither', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.1', '::2', '128.0.0.1'].some(isLoopback)).toBe(false);
    expect(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'].every(isWildcard)).toBe(true);
    expect(['127.0.0.1', '::1', 'localhost'].some(isWildcard)).toBe(false);
  });
});
