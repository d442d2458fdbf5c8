import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LdapDirectoryConfig } from '../../src/config/ldap-directory.ts';
import { silentLog } from '../../src/observability/log.ts';
import { LdapDirectory } from '../../src/users/ldap-directory.ts';
import { freePorts } from '../support/free-ports.ts';
import { ldapConfig, ldapPassword, treeLdif } from '../support/ldap-tree.ts';
import { Slapd } from '../support/slapd.ts';

let slapd: Slapd;

beforeAll(async () => {
  slapd = await Slapd.start(treeLdif);
});
afterAll(async () => {
  slapd.signal('SIGCONT');
  await slapd[Symbol.asyncDispose]();
});

class OpenDirectory extends LdapDirectory implements AsyncDisposable {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function open(change: Partial<LdapDirectoryConfig> = {}): OpenDirectory {
  const patience = { connectTimeoutMs: 300, operationTimeoutMs: 300 };
  return new OpenDirectory(ldapConfig(slapd.port, { ...patience, ...change }), silentLog);
}

const accepted = { kind: 'accepted' };
const unavailable = { kind: 'unavailable' };
const isIn = async (directory: LdapDirectory) =>
  await directory.authenticate('alice', ldapPassword);

describe('an LDAP server', () => {
  it('that is frozen is out, costs later logins no time, and is back when it goes on', async () => {
    await using directory = open();
    expect(await isIn(directory)).toMatchObject(accepted);
    slapd.signal('SIGSTOP');
    const first = isIn(directory);
    expect(await first).toEqual(unavailable);
    // One finds out whether it is still frozen; nobody waits with him.
    const finding = isIn(directory);
    const began = performance.now();
    const others = await Promise.all(Array.from({ length: 50 }, () => isIn(directory)));
    expect(performance.now() - began).toBeLessThan(150);
    expect(new Set(others.map(({ kind }) => kind))).toEqual(new Set(['unavailable']));
    expect(await finding).toEqual(unavailable);
    slapd.signal('SIGCONT');
    expect(await isIn(directory)).toMatchObject(accepted);
    expect(await Promise.all([isIn(directory), isIn(directory)])).toMatchObject([
      accepted,
      accepted,
    ]);
  });

  it('that was killed and started again is used at once, connections of before notwithstanding', async () => {
    await using directory = open();
    expect(await directory.find('alice')).toMatchObject(accepted);
    await slapd.kill();
    await slapd.launch();
    expect(await directory.find('alice')).toMatchObject(accepted);
    expect(await isIn(directory)).toMatchObject(accepted);
  });

  it('ends a connection that was opened earlier without anybody noticing', async () => {
    await using directory = open({ connections: 1 });
    expect(await directory.find('alice')).toMatchObject(accepted);
    for (let round = 0; round < 3; round += 1) {
      await slapd.kill();
      await slapd.launch();
      const found = await Promise.all([1, 2, 3].map(() => directory.find('alice')));
      expect(found).toMatchObject([accepted, accepted, accepted]);
    }
  });
});

describe('several LDAP servers', () => {
  const server = (port: number) => ({ host: '127.0.0.1', port, isTls: false });

  it('are asked in their order until one answers', async () => {
    const [nobody = 0] = await freePorts(1);
    await using directory = open({ servers: [server(nobody), server(slapd.port)] });
    expect(await isIn(directory)).toMatchObject(accepted);
    expect(await directory.authenticate('alice', 'wrong')).toMatchObject({ kind: 'rejected' });
  });

  it('cost one login the time of a frozen one, and the others nothing', async () => {
    let connections = 0;
    const frozen = createServer(() => void (connections += 1)).listen(0, '127.0.0.1');
    await once(frozen, 'listening');
    const address = frozen.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using directory = open({ servers: [server(port), server(slapd.port)] });
    expect(await isIn(directory)).toMatchObject(accepted);
    const seen = connections;
    const began = performance.now();
    for (let count = 0; count < 5; count += 1)
      expect(await isIn(directory)).toMatchObject(accepted);
    expect(performance.now() - began).toBeLessThan(300);
    expect(connections).toBe(seen);
    frozen.close();
  });
});

describe('a storm of logins', () => {
  it('gets no more connections than allowed, waits in line, and is turned away at its end', async () => {
    await using directory = open({ bindsMax: 2, bindQueueMax: 3, operationTimeoutMs: 2000 });
    const verdicts = await Promise.all(Array.from({ length: 12 }, () => isIn(directory)));
    const kinds = verdicts.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(5);
    expect(kinds.filter((kind) => kind === 'unavailable')).toHaveLength(7);
    // Nobody took this for an outage.
    expect(await isIn(directory)).toMatchObject(accepted);
  });
});
