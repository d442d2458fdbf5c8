import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ListenerConfig } from '../../../src/config/listener.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { ListenerCounters } from '../../../src/wire/counters.ts';
import { DateField } from '../../../src/wire/date-field.ts';
import { Deadlines } from '../../../src/wire/deadlines.ts';
import { Http1Listener } from '../../../src/wire/http1-listener.ts';
import type { Gate, Lane, LaneExchange } from '../../../src/wire/lane.ts';
import { RequestHead } from '../../../src/wire/request-head.ts';
import { LIMITS } from '../../support/differential/limits.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { RawClient } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

const config: ListenerConfig = {
  name: 'edge',
  host: '127.0.0.1',
  port: 0,
  isSecure: false,
  tls: null,
  acceptAbsoluteForm: false,
  isStrict: false,
  trustedPeers: [],
  sidecars: [],
  trustedProxies: [],
  isForwardedSent: false,
  streams: { idleTimeoutMs: 600_000, ageMaxMs: 0 },
  limits: { ...LIMITS, headBytesMax: 16_384, targetBytesMax: 8192 },
  timeouts: {
    headMs: 10_000,
    bodyIdleMs: 15_000,
    keepAliveMs: 65_000,
    sendMs: 60_000,
    lingerMs: 5000,
  },
  routes: [],
};

/** Says 200 to everything. */
class Yes implements Gate {
  body = 'ok';
  /** The heads that it was given, one for each connection; they are only lent. */
  readonly heads: RequestHead[] = [];
  /** What the last one said when it came. */
  seen = '';

  open(lane: Lane, head: RequestHead): LaneExchange {
    this.heads.push(head);
    this.seen = `${head.target} ${head.fields.text}`;
    return {
      begin: () => lane.reply({ status: 200, fields: [], body: this.body }),
      respond: () => {},
      inform: () => {},
      bodyCollected: () => {},
      relayFailed: () => {},
      finished: () => {},
    };
  }

  refuse(): { status: number; fields: []; body: string } {
    return { status: 400, fields: [], body: '' };
  }
}

/** A listener whose time passes only when the test says so. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly deadlines = new Deadlines(this.clock);
  readonly gate = new Yes();
  readonly counters = new ListenerCounters('edge');
  readonly #listener = new Http1Listener({
    door: null,
    socket: null,
    lanes: new Map(),
    config,
    budget: { connectionsMax: 100, active: 0 },
    gate: this.gate,
    names: new FieldNames([]),
    deadlines: this.deadlines,
    date: new DateField(this.clock),
    counters: this.counters,
  });
  #port = 0;

  async listen(): Promise<this> {
    this.#port = await this.#listener.listen();
    return this;
  }

  /** A client whom the listener has seen. */
  async client(): Promise<RawClient> {
    const before = this.counters.accepted;
    const client = await RawClient.connect(this.#port);
    await waitFor('the connection to be accepted', () => this.counters.accepted > before);
    return client;
  }

  pass(ms: number): void {
    this.clock.advance(ms);
    this.deadlines.tick();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#listener.destroy();
    return Promise.resolve();
  }
}

describe('a client that connects when nobody has been there for a while', () => {
  it.each([10_000, 60_000, 3_600_000])('after %i ms has as long as any other', async (quietMs) => {
    await using bench = await new Bench().listen();
    bench.clock.advance(quietMs);
    await using client = await bench.client();
    bench.pass(config.timeouts.headMs - 1);
    expect((await client.write(request('GET', '/')).response()).status).toBe(200);
  });

  it('has as long again when all the others have left in between', async () => {
    await using bench = await new Bench().listen();
    const first = await bench.client();
    first.reset();
    await waitFor('the first one to be gone', () => bench.deadlines.size === 0);
    bench.clock.advance(60_000);
    await using client = await bench.client();
    bench.pass(config.timeouts.headMs - 1);
    expect((await client.write(request('GET', '/')).response()).status).toBe(200);
  });

  it('is hung up in the end if it says nothing', async () => {
    await using bench = await new Bench().listen();
    bench.clock.advance(60_000);
    await using client = await bench.client();
    bench.pass(config.timeouts.headMs + 1);
    expect(await client.closed()).toBe('end');
    expect(client.pending).toHaveLength(0);
  });
});

describe('a connection that waits for its next request', () => {
  it('keeps nothing of the head of its last one', async () => {
    await using bench = await new Bench().listen();
    await using client = await bench.client();
    const target = `/${'t'.repeat(4000)}`;
    const lines = [`X-Long: ${'x'.repeat(8000)}`, 'Connection: x-long, x-other', 'Cookie: a=b'];
    const bytes = request('POST', target, [...lines, 'Expect: 100-continue', 'Content-Length: 0']);
    expect((await client.write(bytes).response()).status).toBe(200);
    expect(bench.gate.seen).toContain(target);
    const [head] = bench.gate.heads;
    // What was asked for last is asked for next; it is all that is kept.
    expect(head?.lastHost?.value).toBe('a');
    expect({ ...head, lastHost: null }).toEqual({ ...new RequestHead() });
    expect(head?.fields.text).toBe('');
    expect(head?.fields.count).toBe(0);
  });
});

describe('a client that does not take all of its answer at once', () => {
  it('has as long again while it takes some of it, and is gone when it takes nothing', async () => {
    await using bench = await new Bench().listen();
    bench.gate.body = 'x'.repeat(32 * 1024 * 1024);
    await using client = await bench.client();
    let taken = 0;
    const pause = (piece: Buffer): void => {
      taken += piece.length;
      if (taken > 12 * 1024 * 1024) client.socket.pause();
    };
    client.socket.pause();
    client.write(request('GET', '/'));
    await waitFor('the answer', () => bench.gate.seen !== '');
    client.socket.on('data', pause).resume();
    await waitFor('a part of it', () => client.socket.isPaused());
    bench.pass(config.timeouts.keepAliveMs + 1);
    for (let turns = 0; turns < 10; turns++) await turn();
    expect(bench.counters.active).toBe(1);
    await waitFor('the end', () => {
      bench.pass(config.timeouts.sendMs + 1);
      return bench.counters.active === 0;
    });
    expect(taken).toBeLessThan(bench.gate.body.length);
  });
});
