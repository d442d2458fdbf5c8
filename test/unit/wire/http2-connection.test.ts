import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ListenerConfig } from '../../../src/config/listener.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import { ListenerCounters } from '../../../src/wire/counters.ts';
import { DateField } from '../../../src/wire/date-field.ts';
import { Deadlines } from '../../../src/wire/deadlines.ts';
import { Http2Connection } from '../../../src/wire/http2-connection.ts';
import { load, smallest } from '../../support/config-file.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const [listener] = load(smallest).listeners;

/** Takes octets and never says that they are on their way. */
class DeafSocket extends Duplex {
  override _read(): void {}
  override _write(): void {}
}

function connection(config: ListenerConfig): {
  socket: DeafSocket;
  pass: (ms: number) => void;
  closed: object[];
} {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const socket = new DeafSocket();
  const closed: object[] = [];
  const never = (): never => {
    throw new Error('there is no request');
  };
  const counters = new ListenerCounters('edge');
  const peer = {
    address: '192.0.2.1',
    listener: 'edge',
    isSecure: true,
    secured: null,
    told: null,
    counters,
  };
  const owner = {
    ...{ config, names: new FieldNames([]), deadlines },
    ...{ date: new DateField(clock), counters: counters },
    ...{ gate: { open: never, refuse: never }, isDraining: false, idleDrainMs: 0 },
    areUpgradesKept: false,
    closed: (one: object): void => void closed.push(one),
  };
  const made = new Http2Connection(socket, peer, owner);
  expect(made.peer).toBe(peer);
  const pass = (ms: number): void => {
    clock.advance(ms);
    deadlines.tick();
  };
  return { socket, pass, closed };
}

describe('a connection on HTTP/2', () => {
  it('that the library has given up, and whose socket it leaves open, is closed at its deadline', async () => {
    if (listener === undefined) throw new Error('no listener is configured');
    const { socket, pass, closed } = connection(listener);
    socket.push('nothing that HTTP/2 begins with\r\n\r\n');
    await turn();
    await turn();
    pass(listener.timeouts.headMs + 1);
    await turn();
    expect(socket.destroyed).toBe(true);
    expect(closed).not.toEqual([]);
  });
});
