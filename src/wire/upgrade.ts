import type { Socket } from 'node:net';
import { breakOff } from './break-off.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import { closeCodeOf, type CutReason } from './cut-reason.ts';
import type { Timed } from './deadlines.ts';
import { closeFrame, FrameTrack } from './frame-track.ts';
import type { Outcome } from './lane.ts';
import { ResponseHead } from './response-head.ts';
import { readResponseHead } from './response-parser.ts';
import { framingFor, responseHeadText } from './response-text.ts';
import type { SocketTaker } from './socket-taker.ts';
import type { UpgradeOrder, UpgradingConnection } from './upgrade-order.ts';
import { UpgradeUpstream, type UpgradeUpstreamOwner } from './upgrade-upstream.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import { isHandshakeAnswered } from './websocket-handshake.ts';

/**
 *   handshake ──101, judged──► tunnel ──cut──► parting ──close frame, or a second──► over
 *        ├──another answer──► answer ──end──► over
 *        └──failure──► over (the connection decides again)
 *   tunnel ──both sides have ended, or one has broken off──► over
 *   any ──the client has gone──► over
 */
type Phase = 'handshake' | 'answer' | 'tunnel' | 'parting' | 'over';

/** How long a cut stream may take to come to the end of its frame, and its client to hang up. */
const PARTING_MS = 1000;

/** A client's socket from the handshake with the upstream to the end of the stream. */
export class Upgrade implements SocketTaker, UpgradeUpstreamOwner, Timed {
  deadlineMs: number;
  readonly #connection: UpgradingConnection;
  readonly #socket: Socket;
  readonly #owner: ClientConnectionOwner;
  readonly #order: UpgradeOrder;
  readonly #upstream: UpgradeUpstream;
  /** Of what the client is sent. */
  readonly #frames = new FrameTrack();
  #phase: Phase = 'handshake';
  #isBodyless = false;
  /** Asks the upstream for more once the client has taken what it got. */
  #more: (() => void) | null = null;
  #isFarewellSent = false;
  #cutReason: CutReason = 'drain';
  #outcome: Outcome = 'ok';
  #status = 0;
  #bytes = 0;

  constructor(
    connection: UpgradingConnection,
    socket: Socket,
    owner: ClientConnectionOwner,
    order: UpgradeOrder,
  ) {
    this.#connection = connection;
    this.#socket = socket;
    this.#owner = owner;
    this.#order = order;
    this.#upstream = new UpgradeUpstream(this, order);
    this.deadlineMs = owner.deadlines.nowMs + order.config.connectTimeoutMs;
    owner.deadlines.add(this);
  }

  /** `isEarly`: the client has sent more than its handshake. */
  begin(isEarly: boolean): void {
    this.#connection.taker = this;
    if (isEarly) {
      this.#refuseEarly();
      return;
    }
    this.#upstream.begin();
  }

  /** The gateway itself ends it. A WebSocket's client is told why, between two frames. */
  cut(reason: CutReason): void {
    if (this.#phase === 'over' || this.#phase === 'parting') return;
    if (this.#phase !== 'tunnel') {
      // A gateway that stops lets a handshake come to its answer first.
      if (reason !== 'drain') this.#drop(`cut:${reason}`);
      return;
    }
    this.#phase = 'parting';
    this.#outcome = `cut:${reason}`;
    this.#cutReason = reason;
    this.#wait(PARTING_MS);
    this.#socket.resume(); // what the client still sends is dropped
    if (this.#frames.isAtBoundary) this.#sayFarewell();
  }

  expire(): void {
    if (this.#phase === 'handshake') {
      this.#fail(this.#upstream.isConnected ? 'first-byte-timeout' : 'connect-timeout');
    } else if (this.#phase === 'tunnel') this.cut('idle');
    else {
      if (this.#phase === 'answer' && !this.#socket.writableNeedDrain) {
        this.#outcome = 'upstream:idle-timeout';
      }
      this.#socket.destroy();
    }
  }

  // ── The client's side ──────────────────────────────────────────────────────────────────────────────────────────────

  received(bytes: Buffer, start: number, end: number): void {
    this.#owner.counters.bytesReceived += end - start;
    if (this.#phase === 'handshake') {
      this.#refuseEarly();
    } else if (this.#phase === 'tunnel') {
      this.#heedTraffic();
      if (!this.#upstream.push(Buffer.from(bytes.subarray(start, end)))) this.#socket.pause();
    }
  }

  wanted(): void {
    this.#socket.resume();
  }

  drained(): void {
    const more = this.#more;
    this.#more = null;
    if (this.#phase === 'answer') this.#wait(this.#order.config.idleTimeoutMs);
    more?.();
    this.#upstream.resumeAnswer();
  }

  clientEnded(): void {
    if (this.#phase === 'tunnel') this.#upstream.push(null);
    else if (this.#phase === 'handshake') this.#drop('client-abort');
    else if (this.#phase === 'parting' && !this.#isFarewellSent) this.#socket.destroy();
  }

  clientClosed(): void {
    this.#end(this.#outcome === 'ok' ? 'client-abort' : this.#outcome);
    this.#connection.clientClosed();
  }

  // ── The upstream's side ────────────────────────────────────────────────────────────────────────────────────────────

  upstreamConnected(): void {
    if (this.#phase === 'handshake') this.#wait(this.#order.config.firstByteTimeoutMs);
  }

  written(piece: Buffer | string, done: () => void): void {
    switch (this.#phase) {
      case 'handshake':
        this.#judge(String(piece));
        done();
        break;
      case 'answer':
        this.#wait(this.#order.config.idleTimeoutMs);
        this.#send(piece, done);
        break;
      case 'tunnel':
        this.#heedTraffic();
        if (typeof piece !== 'string') this.#frames.advance(piece);
        this.#send(piece, done);
        break;
      case 'parting':
        this.#sendRest(piece, done);
        break;
      case 'over':
        done();
    }
  }

  upstreamEnded(): void {
    if (this.#phase === 'answer') this.#end(this.#outcome);
    else if (this.#phase === 'tunnel') {
      this.#socket.end();
      this.#settle();
    } else if (this.#phase === 'parting' && !this.#isFarewellSent) this.#socket.destroy();
  }

  upstreamClosed(): void {
    this.#settle();
  }

  answerBroken(): void {
    this.#breakOff('closed');
  }

  upstreamFailed(failure: UpstreamFailure): void {
    this.#fail(failure, failure === 'head-too-large' || failure === 'malformed');
  }

  // ── Within ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Who speaks before it is answered may hope that somebody takes this for a request of its own. */
  #refuseEarly(): void {
    this.#letGo();
    this.#connection.refuse('upgrade-early');
  }

  /** The head of the upstream's answer, as strictly as any other. */
  #judge(text: string): void {
    const head = new ResponseHead();
    const { config, key } = this.#order;
    const end = text.indexOf('\r\n\r\n');
    const problem = readResponseHead(text, end, 'GET', config.fieldsMax, this.#owner.names, head);
    const isSwitched = head.status === 101;
    if (problem !== null || (isSwitched && !isHandshakeAnswered(head, key))) {
      this.#fail('malformed', true);
      return;
    }
    this.#status = head.status;
    this.#connection.exchange?.respond(head);
    if (isSwitched) {
      this.#phase = 'tunnel';
      this.#heedTraffic();
      const fields = head.fields.write();
      this.#socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${fields}\r\n`,
        'latin1',
      );
      if (this.#owner.isDraining && !this.#owner.areUpgradesKept) this.cut('drain');
      return;
    }
    this.#phase = 'answer';
    this.#wait(config.idleTimeoutMs);
    const framing = framingFor(head, 1);
    this.#isBodyless = framing === 'none';
    this.#socket.write(responseHeadText(head, framing, 'closes'), 'latin1');
  }

  #send(piece: Buffer | string, done: () => void): void {
    // The library frames bodies in chunks, also where there can be none.
    if (this.#isBodyless) {
      done();
      return;
    }
    this.#bytes += piece.length;
    const hasRoom =
      typeof piece === 'string' ? this.#socket.write(piece, 'latin1') : this.#socket.write(piece);
    if (hasRoom) {
      done();
      return;
    }
    this.#more = done;
    if (this.#phase !== 'answer') return;
    // It does not look whether there is room.
    this.#upstream.pauseAnswer();
    this.#wait(this.#owner.config.timeouts.sendMs);
  }

  /** Of a cut stream: the rest of the frame that is under way, and then the farewell. */
  #sendRest(piece: Buffer | string, done: () => void): void {
    if (this.#isFarewellSent || typeof piece === 'string') {
      done();
      return;
    }
    const rest = piece.subarray(0, this.#frames.advanceToBoundary(piece));
    if (this.#frames.isAtBoundary) {
      this.#bytes += rest.length;
      this.#socket.write(rest);
      this.#sayFarewell();
      done();
    } else this.#send(rest, done);
  }

  #sayFarewell(): void {
    this.#isFarewellSent = true;
    const [code, text] = closeCodeOf(this.#cutReason);
    if (!this.#frames.hasClosed) this.#socket.write(closeFrame(code, text));
    this.#socket.end();
    this.#upstream.abandon();
  }

  /** The client has been sent all that there was, and nobody takes anything from it any more. */
  #settle(): void {
    if (this.#upstream.isOver) this.#end(this.#outcome);
  }

  /** There is nothing to be said to either side. */
  #drop(outcome: Outcome): void {
    this.#phase = 'parting';
    this.#outcome = outcome;
    this.#isFarewellSent = true;
    this.#upstream.abandon();
    this.#socket.destroy();
  }

  /** Before an answer the connection decides what now; behind one the client has to see that it broke off. */
  #fail(failure: UpstreamFailure, hasAnswerBegun = false): void {
    if (this.#phase !== 'handshake') {
      this.#breakOff(failure);
      return;
    }
    this.#letGo();
    this.#connection.relayFailed(failure, hasAnswerBegun);
  }

  #breakOff(failure: UpstreamFailure): void {
    if (this.#phase === 'over') return;
    if (this.#phase !== 'parting') this.#outcome = `upstream:${failure}`;
    else if (this.#isFarewellSent) return;
    breakOff(this.#socket);
  }

  #end(outcome: Outcome): void {
    if (this.#phase === 'over') return;
    this.#letGo();
    this.#connection.upgradeEnded(outcome, this.#status, this.#bytes);
  }

  /** The socket is the connection's again, and the upstream's is closed. */
  #letGo(): void {
    this.#phase = 'over';
    this.#owner.deadlines.remove(this);
    this.#connection.taker = this.#connection;
    this.#upstream.abandon();
    this.#socket.resume();
  }

  #heedTraffic(): void {
    const { idleTimeoutMs } = this.#owner.config.streams;
    if (idleTimeoutMs > 0) this.#wait(idleTimeoutMs);
    else this.deadlineMs = Infinity;
  }

  #wait(milliseconds: number): void {
    this.deadlineMs = this.#owner.deadlines.nowMs + milliseconds;
  }
}
