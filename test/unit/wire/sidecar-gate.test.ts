import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import type { Reply } from '../../../src/http/reply.ts';
import { ListenerCounters } from '../../../src/wire/counters.ts';
import type { Gate, Lane, LaneExchange, Peer } from '../../../src/wire/lane.ts';
import { RequestHead } from '../../../src/wire/request-head.ts';
import { readRequestHead } from '../../../src/wire/request-parser.ts';
import { SidecarGate } from '../../../src/wire/sidecar-gate.ts';

const limits = { fieldsMax: 100, targetBytesMax: 8_192, bodyBytesMax: 0 };
const names = new FieldNames([]);
const refused: Reply = { status: 403, fields: [], body: 'refused' };
const yes: Reply = {
  status: 200,
  fields: [['X-UserInfo', 'user1']],
  body: '',
  proceedsWithout: [],
};

function headOf(text: string): RequestHead {
  const head = new RequestHead();
  const lines = text.replaceAll('\n', '\r\n');
  expect(readRequestHead(lines, lines.length - 4, limits, names, head)).toBeNull();
  return head;
}

const question = (uri: string): RequestHead =>
  headOf(
    `GET /ask HTTP/1.1\nHost: c\nX-Forwarded-Method: GET\nX-Forwarded-Proto: http\nX-Forwarded-Host: a\nX-Forwarded-Uri: ${uri}\n\n`,
  );

/** The lane of a proxy that asks. */
class Asking implements Lane {
  readonly peer: Peer;
  readonly bodyBytesReceived = 0;
  readonly replies: Reply[] = [];

  constructor(counters: ListenerCounters) {
    this.peer = {
      address: '127.0.0.1',
      listener: 'control',
      isSecure: false,
      secured: null,
      counters,
      told: null,
    };
  }

  reply(reply: Reply): void {
    this.replies.push(reply);
  }

  refuse(): void {}
  collect(): void {}
  relay(): void {}
  upgrade(): void {}
  cut(): void {}
}

interface Decided {
  readonly lane: Lane;
  readonly target: string;
  isFinished: number;
}

/** Decides later, when the test says so. */
class Decision implements Gate {
  readonly opened: Decided[] = [];
  onBegin: (decided: Decided) => void = () => {};

  open(lane: Lane, head: RequestHead): LaneExchange {
    const decided: Decided = { lane, target: head.target, isFinished: 0 };
    this.opened.push(decided);
    return {
      begin: () => this.onBegin(decided),
      respond: () => {},
      inform: () => {},
      bodyCollected: () => {},
      relayFailed: () => {},
      finished: () => {
        decided.isFinished += 1;
      },
    };
  }

  refuse(): Reply {
    return { status: 400, fields: [], body: '' };
  }
}

function made(): {
  gate: SidecarGate;
  decision: Decision;
  own: Decision;
  errors: unknown[];
  asking: () => Asking;
} {
  const counters = new ListenerCounters('control');
  const decision = new Decision();
  const own = new Decision();
  const errors: unknown[] = [];
  const gate = new SidecarGate({
    own,
    sidecars: [{ config: { path: '/ask', profile: 'caddy', decidesAs: 'edge' }, decision, limits }],
    trustedPeers: { has: (address) => address === '127.0.0.1' },
    names,
    refused,
    counters,
    failed: (error) => errors.push(error),
  });
  return { gate, decision, own, errors, asking: () => new Asking(counters) };
}

describe('the gate of a listener where proxies ask', () => {
  it('gives an answer to whoever asked, in whatever order the answers come', () => {
    const { asking, decision, gate } = made();
    const lanes = ['/one', '/two', '/three'].map((uri) => {
      const lane = asking();
      gate.open(lane, question(uri)).begin();
      return lane;
    });
    expect(decision.opened.map(({ target }) => target)).toEqual(['/one', '/two', '/three']);
    for (const at of [2, 0, 1]) {
      const body = String(at);
      decision.opened[at]?.lane.reply({ ...yes, body });
    }
    expect(lanes.map((lane) => lane.replies.map(({ body }) => body))).toEqual([
      ['0'],
      ['1'],
      ['2'],
    ]);
  });

  it('uses a call again, and belongs to one client at a time, also if it is given back twice', () => {
    const { asking, decision, gate } = made();
    const [first, second, third] = [asking(), asking(), asking()];
    const one = gate.open(first, question('/one'));
    one.begin();
    one.finished('ok', 200, 0);
    one.finished('ok', 200, 0);
    expect(decision.opened[0]?.isFinished).toBe(1);
    const two = gate.open(second, question('/two'));
    const three = gate.open(third, question('/three'));
    expect(two).toBe(one);
    expect(three).not.toBe(two);
    two.begin();
    three.begin();
    decision.opened[1]?.lane.reply(yes);
    expect([first, second, third].map((lane) => lane.replies.length)).toEqual([0, 1, 0]);
  });

  it('tells the decision once that a client has left, and hears nothing of it any more', () => {
    const { asking, decision, gate } = made();
    const lane = asking();
    const call = gate.open(lane, question('/one'));
    call.begin();
    call.finished('client-abort', 0, 0);
    expect(decision.opened[0]?.isFinished).toBe(1);
    decision.opened[0]?.lane.cut('revoked');
    expect(lane.replies).toEqual([]);
  });

  it('says no where the decision breaks', () => {
    const { asking, decision, errors, gate } = made();
    decision.onBegin = () => {
      throw new Error('broken');
    };
    const lane = asking();
    gate.open(lane, question('/one')).begin();
    expect(lane.replies).toEqual([refused]);
    expect(errors).toHaveLength(1);
  });

  it('takes nothing but a reply that says so for a yes', () => {
    const { asking, decision, gate } = made();
    for (const status of [200, 204, 299]) {
      decision.onBegin = ({ lane }) => lane.reply({ status, fields: [], body: 'a page' });
      const lane = asking();
      gate.open(lane, question('/one')).begin();
      expect(lane.replies).toEqual([refused]);
    }
    decision.onBegin = ({ lane }) => lane.collect(10);
    const lane = asking();
    gate.open(lane, question('/one')).begin();
    expect(lane.replies).toEqual([refused]);
  });

  it('leaves everything that is no question to the listener', () => {
    const { asking, decision, gate, own } = made();
    for (const target of ['/', '/ask/', '/asks', '/login', '/x/../ask']) {
      gate.open(asking(), headOf(`GET ${target} HTTP/1.1\nHost: c\n\n`));
    }
    expect(own.opened).toHaveLength(5);
    expect(decision.opened).toEqual([]);
  });
});
