import { describe, expect, it } from 'vitest';
import type { NamesConfig } from '../../../src/config/names.ts';
import { createLookup } from '../../../src/upstream/name-lookup.ts';
import { NameWatch } from '../../../src/upstream/name-watch.ts';
import { NameServer } from '../../support/name-server.ts';
import { waitFor } from '../../support/wait-for.ts';

function namesOf(server: NameServer, more: Partial<NamesConfig> = {}): NamesConfig {
  return {
    servers: [server.address],
    intervalMs: 20,
    timeoutMs: 300,
    family: 'ipv4First',
    ...more,
  };
}

const app = { 'app.test': ['127.0.0.2', '127.0.0.1', '::1'] };

describe('a look-up at configured name servers', () => {
  it.each([
    ['ipv4First', ['127.0.0.1', '127.0.0.2']],
    ['ipv4', ['127.0.0.1', '127.0.0.2']],
    ['ipv6', ['::1']],
    ['both', ['127.0.0.1', '127.0.0.2', '::1']],
  ] as const)('with family %s gives %j', async (family, addresses) => {
    await using server = await NameServer.start(app);
    const lookup = createLookup(namesOf(server, { family }));
    expect((await lookup('app.test')).addresses).toEqual(addresses);
  });

  it('with family ipv4First gives IPv6 where there is nothing else', async () => {
    await using server = await NameServer.start({ 'six.test': ['::1'] });
    const lookup = createLookup(namesOf(server));
    expect((await lookup('six.test')).addresses).toEqual(['::1']);
  });

  it('gives the shortest TTL', async () => {
    await using server = await NameServer.start(app);
    server.ttlSeconds = 7;
    expect((await createLookup(namesOf(server))('app.test')).ttlMs).toBe(7_000);
  });

  it('rejects where nobody answers, the server fails, and there is no such name', async () => {
    await using server = await NameServer.start(app);
    const lookup = createLookup(namesOf(server, { timeoutMs: 50 }));
    await expect(lookup('nobody.test')).rejects.toThrow('no address');
    server.mode = 'fails';
    await expect(lookup('app.test')).rejects.toThrow();
    server.mode = 'silent';
    await expect(lookup('app.test')).rejects.toThrow();
  });

  it('at the system knows what the hosts file has', async () => {
    const config: NamesConfig = {
      servers: [],
      intervalMs: 1_000,
      timeoutMs: 1_000,
      family: 'ipv4',
    };
    expect((await createLookup(config)('localhost')).addresses).toEqual(['127.0.0.1']);
  });
});

describe('a name that is watched', () => {
  async function watched(server: NameServer): Promise<Disposable & { said: string[] }> {
    const said: string[] = [];
    const config = namesOf(server, { timeoutMs: 100 });
    const watch = new NameWatch('app.test', config, createLookup(config), {
      resolved: (addresses) => said.push(addresses.join(' ')),
      unresolved: () => said.push('unresolved'),
      resolvedAgain: () => said.push('again'),
    });
    await watch.start();
    return { said, [Symbol.dispose]: () => watch.stop() };
  }

  it('tells its addresses when they change, and only then', async () => {
    await using server = await NameServer.start({ 'app.test': ['127.0.0.1'] });
    using watch = await watched(server);
    expect(watch.said).toEqual(['127.0.0.1']);
    const asked = server.questions.length;
    server.ttlSeconds = 0;
    server.names.set('app.test', ['127.0.0.2', '127.0.0.1']);
    await waitFor('the change', () => watch.said.length > 1);
    await waitFor('three more questions', () => server.questions.length > asked + 3);
    expect(watch.said).toEqual(['127.0.0.1', '127.0.0.1 127.0.0.2']);
  });

  it.each(['fails', 'silent'] as const)(
    'keeps its addresses while the name server %s, and says so once',
    async (mode) => {
      await using server = await NameServer.start({ 'app.test': ['127.0.0.1'] });
      using watch = await watched(server);
      server.mode = mode;
      await waitFor('the outage', () => watch.said.length > 1);
      const asked = server.questions.length;
      await waitFor('another question', () => server.questions.length > asked + 1);
      server.mode = 'answers';
      await waitFor('its end', () => watch.said.length > 2);
      expect(watch.said).toEqual(['127.0.0.1', 'unresolved', 'again']);
    },
  );

  it('keeps its addresses when the name has gone', async () => {
    await using server = await NameServer.start({ 'app.test': ['127.0.0.1'] });
    using watch = await watched(server);
    server.names.delete('app.test');
    await waitFor('the outage', () => watch.said.length > 1);
    expect(watch.said).toEqual(['127.0.0.1', 'unresolved']);
  });
});
