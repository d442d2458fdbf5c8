import { addressOf } from './cases/client-address.ts';
import type { AnswerScript, FuzzCase, Http1Case, Leaving, UpgradeCase } from './cases/fuzz-case.ts';
import { RawConnection, type Script } from './clients/raw-connection.ts';
import type { Docket } from './docket.ts';
import type { FuzzedGateway } from './gateway/fuzzed-gateway.ts';
import { SIDECAR_PATH } from './gateway/settings.ts';
import { acceptOf } from './upstream/web-socket-accept.ts';

/** Behind all cases that a run can have. */
const FIRST_INDEX = 16_000_000;
/** Whose address is no neighbour's. */
const STRANGER = FIRST_INDEX - 1000;
const KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';
const TRIES = 5;
const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);

const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Accept: ${acceptOf(KEY)}\r\n\r\n`;

const answer = (text: string, end: AnswerScript['end'], delayMs = 0): AnswerScript => ({
  text,
  headLength: -1,
  cuts: [],
  end,
  delayMs,
  isEarly: false,
});

/** What chance comes to too seldom, or never: ends that take a certain time, or somebody else. Played once a run. */
export class Scenes {
  readonly #gateway: FuzzedGateway;
  readonly #docket: Docket;
  #next = FIRST_INDEX;

  constructor(gateway: FuzzedGateway, docket: Docket) {
    this.#gateway = gateway;
    this.#docket = docket;
  }

  /** Those that are over soon, with nobody else about: what else is under way would keep them from coming about. */
  async playShort(): Promise<void> {
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const ok = answer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'keep');
    const slow = answer(ok.text, 'keep', 280);
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok';
    const asked = (...fields: readonly string[]): string =>
      [`GET ${SIDECAR_PATH} HTTP/1.1`, 'Host: a', 'X-Original-Method: GET', ...fields, '', ''].join(
        '\r\n',
      );
    const revoked = await this.#gateway.openSession('ann');
    await Promise.all([
      this.#request('GET / HT', ok, 'hold'),
      this.#request('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', ok, 'hold'),
      this.#request(get('/nobody/a'), ok, 'fin'),
      this.#request(get('/mute/a'), ok, 'fin'),
      this.#request(get('/notls/a'), ok, 'fin'),
      this.#request(get('/silent'), answer('', 'hold'), 'fin'),
      this.#request(get('/half'), answer(half, 'hold'), 'fin'),
      ...Array.from({ length: 5 }, () => this.#request(get('/narrow/a'), slow, 'fin')),
      this.#request(asked(), ok, 'fin', STRANGER),
      this.#request(asked(), ok, 'fin'),
      this.#request(asked('X-Original-URL: http://a/x/../y'), ok, 'fin'),
      this.#request(asked('X-Original-URL: http://a/x', 'Sec-WebSocket-Key: short'), ok, 'fin'),
      this.#webSocket('clear', '/ws/a', '', () => false),
      this.#webSocket('strict', '/ws/a', '', () => false),
      this.#webSocket('clear', '/ws-private/a', revoked, () => {
        void this.#gateway.endSession(revoked);
        return false;
      }),
    ]);
  }

  /** A session that comes to its end while a WebSocket of it is open. `opened`: it is. */
  async playLong(opened: () => void): Promise<void> {
    const cookie = await this.#gateway.openSession('ben');
    let timer: NodeJS.Timeout | undefined;
    await this.#webSocket('clear', '/ws-private/a', cookie, (_, say) => {
      timer = setInterval(() => say(PING), 250);
      opened();
      return false;
    });
    clearInterval(timer);
  }

  /** Opens a WebSocket that lives until the gateway ends it. */
  async playToTheEnd(opened: () => void): Promise<void> {
    await this.#webSocket('strict', '/ws/a', '', () => {
      opened();
      return false;
    });
  }

  async #request(
    text: string,
    script: AnswerScript,
    leaving: Leaving,
    index = this.#next++,
  ): Promise<void> {
    const base = { index, door: 'clear', cuts: [], hasSession: false } as const;
    const one: Http1Case = { ...base, kind: 'http1', text, leaving, answers: [script] };
    await this.#run(one, () => true);
  }

  async #webSocket(
    door: 'clear' | 'strict',
    path: string,
    cookie: string,
    switched: Script['heard'],
  ): Promise<void> {
    const text =
      `GET ${path} HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n` +
      `${cookie === '' ? '' : `Cookie: ${cookie}\r\n`}\r\n`;
    let hasSwitched = false;
    // A busy machine may let a handshake come to nothing.
    for (let tries = 0; tries < TRIES && !hasSwitched; tries++) {
      const one: UpgradeCase = {
        ...{ ...this.#base(), kind: 'upgrade', door, text, leaving: 'hold', clientFrames: '' },
        answers: [answer(SWITCHING, 'keep')],
        hasSession: cookie !== '',
      };
      await this.#run(one, (piece, say) => {
        if (hasSwitched) return false;
        hasSwitched = piece.includes('HTTP/1.1 101');
        return hasSwitched && switched(piece, say);
      });
    }
  }

  #base(): Pick<FuzzCase, 'index' | 'cuts' | 'hasSession'> & { door: 'clear' } {
    return { index: this.#next++, door: 'clear', cuts: [], hasSession: false };
  }

  async #run(one: Http1Case | UpgradeCase, heard: Script['heard']): Promise<void> {
    const record = this.#docket.open(one);
    record.received = await RawConnection.run(this.#gateway.ports, {
      door: one.door,
      localAddress: addressOf(one.index),
      protocol: 'http/1.1',
      bytes: Buffer.from(one.text, 'latin1'),
      cuts: [],
      leaving: one.leaving,
      heard,
    });
  }
}
