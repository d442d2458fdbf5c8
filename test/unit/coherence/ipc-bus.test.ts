import { describe, expect, it } from 'vitest';
import { IpcBus, type PrimaryPipe } from '../../../src/coherence/ipc-bus.ts';
import { IpcHub, type HubPeer } from '../../../src/coherence/ipc-hub.ts';
import { ipcTopics, type IpcMessage } from '../../../src/coherence/ipc-message.ts';
import type { Member } from '../../../src/session/commit.ts';
import type { LogEntry } from '../../../src/session/log-entry.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const BOUND_MS = 1_000;

function scene() {
  const clock = new ManualClock();
  const hub = new IpcHub<HubPeer>(clock, BOUND_MS);
  const worker = async (name: string) => {
    const said: string[] = [];
    const self: Member = { worker: name, boundMs: BOUND_MS };
    const peer: HubPeer = { tell: (message) => pipe.onBroadcast(structuredClone(message)) };
    const pipe: PrimaryPipe = {
      onBroadcast: () => {},
      broadcast: (body: IpcMessage) => hub.relay(peer, body),
      ask: (topic) => {
        if (topic === ipcTopics.join) return Promise.resolve(hub.join(peer, self));
        if (topic === ipcTopics.leave) return Promise.resolve(hub.leave(peer) ?? null);
        return Promise.resolve(hub.members());
      },
    };
    const bus = new IpcBus(self, pipe);
    bus.listen({
      entered: ({ number }) => void said.push(`entered ${number}`),
      acknowledged: (by) => void said.push(`acknowledged by ${by.worker}`),
      left: (who) => void said.push(`left ${who}`),
    });
    await bus.start();
    return { bus, peer, said };
  };
  return { clock, hub, worker };
}

const entry = (number: number): LogEntry => ({
  number,
  tag: `tag${number}`,
  kind: 'revoked',
  revoker: 'a',
  ids: ['k'],
});

describe('the bus between workers of one machine', () => {
  it('brings what one has committed to all others, and the acknowledgement to that one', async () => {
    const { worker } = scene();
    const [a, b, c] = [await worker('a'), await worker('b'), await worker('c')];
    a.bus.publish([entry(1), entry(2)]);
    a.bus.publish([]);
    b.bus.acknowledge('a', { worker: 'b', entries: [{ number: 1, tag: 'tag1' }] });
    expect(a.said).toEqual(['acknowledged by b']);
    expect(b.said).toEqual(['entered 1', 'entered 2']);
    expect(c.said).toEqual(b.said);
  });

  it('tells the next worker of one that ended when nobody else was there', async () => {
    const { hub, worker } = scene();
    const a = await worker('a');
    hub.ended(a.peer);
    const [b, c] = [await worker('b'), await worker('c')];
    expect(b.said).toEqual(['left a']);
    expect(c.said).toEqual([]);
  });

  it('knows who may hold a lease, and of nobody who has left or ended', async () => {
    const { clock, hub, worker } = scene();
    const [a, b, c] = [await worker('a'), await worker('b'), await worker('c')];
    clock.advance(BOUND_MS);
    const names = async () => (await a.bus.members())?.map((member) => member.worker);
    expect(await names()).toEqual(['a', 'b', 'c']);
    await b.bus.stop();
    expect(await names()).toEqual(['a', 'c']);
    hub.ended(c.peer);
    expect(await names()).toEqual(['a']);
    expect(a.said).toEqual(['left c']);
    hub.ended(b.peer);
    expect(a.said).toEqual(['left c']);
  });

  it('does not know, for as long as workers of a primary that was killed may hold one', async () => {
    const { clock, worker } = scene();
    const { bus } = await worker('a');
    clock.advance(BOUND_MS - 1);
    expect(await bus.members()).toBeNull();
    clock.advance(1);
    expect(await bus.members()).toHaveLength(1);
  });

  it('does not begin where the primary does not answer', async () => {
    const pipe: PrimaryPipe = {
      onBroadcast: () => {},
      broadcast: () => {},
      ask: () => Promise.resolve(null),
    };
    const bus = new IpcBus({ worker: 'a', boundMs: BOUND_MS }, pipe);
    await expect(bus.start()).rejects.toThrow('the primary does not answer');
    expect(await bus.members()).toBeNull();
  });
});
