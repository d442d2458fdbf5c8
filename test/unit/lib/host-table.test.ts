import { describe, expect, it } from 'vitest';
import { HostTable } from '../../../src/lib/host-table.ts';

describe('a table of hosts', () => {
  const table = new HostTable<string>();
  table.add('*.example.org', 'pattern');
  table.add('app.example.org', 'exact');
  table.add('app.example.org', 'second');
  table.add('127.0.0.1', 'address');

  it.each([
    ['app.example.org', 'exact'],
    ['other.example.org', 'pattern'],
    ['127.0.0.1', 'address'],
    ['example.org', undefined],
    ['a.b.example.org', undefined],
    ['.example.org', undefined],
    ['*.example.org', 'pattern'],
    ['', undefined],
    ['org', undefined],
  ])('finds for %s: %s', (host, thing) => {
    expect(table.find(host)).toBe(thing);
  });
});
