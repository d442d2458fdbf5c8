import { describe, expect, it } from 'vitest';
import { redisFindings } from '../../../src/session/redis-findings.ts';

const sound = 'maxmemory_policy:noeviction\r\naof_enabled:1\r\nconnected_slaves:0\r\n';

describe('what is unsafe about a Redis', () => {
  it('is nothing where it keeps everything', () => {
    expect(redisFindings(sound)).toEqual([]);
  });

  it.each([
    ['evicts', sound.replace('noeviction', 'allkeys-lru'), /may evict keys/],
    ['forgets at a restart', sound.replace('aof_enabled:1', 'aof_enabled:0'), /append-only/],
    [
      'goes on without its replicas',
      sound.replace('slaves:0', 'slaves:2'),
      /min-replicas-to-write/,
    ],
  ])('is said where it %s', (_, info, finding) => {
    const findings = redisFindings(info);
    expect(findings.length).toBe(1);
    expect(findings[0]).toMatch(finding);
  });

  it('is not its replicas where enough of them are waited for', () => {
    const info = `${sound.replace('slaves:0', 'slaves:2')}min_slaves_good_slaves:2\r\n`;
    expect(redisFindings(info)).toEqual([]);
  });
});
