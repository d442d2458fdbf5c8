/**
 * What is unsafe about a Redis for sessions, out of its INFO: one sentence each. Nothing of it keeps a gateway from
 * starting.
 */
export function redisFindings(info: string): readonly string[] {
  const findings: string[] = [];
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction') {
    findings.push(
      `Redis may evict keys (maxmemory-policy ${policy}): people are logged out, and workers are forgotten that a logout has to wait for; set it to noeviction`,
    );
  }
  if (/^aof_enabled:0/m.test(info)) {
    findings.push(
      'Redis keeps no append-only file (appendonly no): when it restarts, people are logged out, or sessions are back that had ended since its last snapshot',
    );
  }
  const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? '0');
  if (replicas > 0 && !/^min_slaves_good_slaves:/m.test(info)) {
    findings.push(
      'Redis has replicas and goes on without them (min-replicas-to-write 0): cut off from them, it takes logins and logouts that a new primary never hears of; set min-replicas-to-write and min-replicas-max-lag',
    );
  }
  return findings;
}
