import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { caseOf } from './cases/case-of.ts';
import type { FuzzLane } from './cases/fuzz-case.ts';
import { play } from './clients/play.ts';
import { coverageOf, type Coverage } from './coverage.ts';
import { Docket } from './docket.ts';
import { FuzzedHouse } from './fuzzed-house.ts';
import type { FuzzedGateway } from './gateway/fuzzed-gateway.ts';
import type { Finding } from './judging/case-record.ts';
import { judgeCase } from './judging/case-judge.ts';
import { Scenes } from './scenes.ts';
import { Tally } from './tally.ts';

export interface CampaignPlan {
  readonly seed: number;
  /** The first case and the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** Null: all of them. */
  readonly lane: FuzzLane | null;
  /** The folder with the gateway's `src/`. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** A run ends with the batch in which so much was found. */
  readonly findingsMax: number;
  readonly batchSize: number;
  /** Cases that are played at once: they wait most of their time. */
  readonly atOnce: number;
  /** Whether the ends are seen to that need a scene of their own; a search for one case does not want them. */
  readonly hasScenes: boolean;
  readonly onBatch: (tally: Tally) => void;
}

export interface CampaignReport {
  readonly tally: Tally;
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  /** Of the gateway, at its largest between two batches. */
  readonly residentBytesMax: number;
  /** Open when everybody had gone, beyond those that were open at the start. */
  readonly socketsLeft: number;
  readonly exitCode: number | null;
}

const SETTLE_MS = 15_000;
const QUIET_MS = 10_000;

/** Many cases against one gateway, and what came of each. */
export class Campaign {
  readonly #plan: CampaignPlan;
  readonly #docket = new Docket();
  readonly #tally = new Tally();
  #residentBytesMax = 0;

  private constructor(plan: CampaignPlan) {
    this.#plan = plan;
  }

  static async run(plan: CampaignPlan): Promise<CampaignReport> {
    return await new Campaign(plan).#run();
  }

  async #run(): Promise<CampaignReport> {
    const { from, hasScenes, root, signal, to } = this.#plan;
    await using house = await FuzzedHouse.start(root, this.#docket, signal);
    const { gateway } = house;
    const socketsBefore = gateway.socketCount;
    const scenes = new Scenes(gateway, this.#docket);
    const played = hasScenes ? await this.#beginScenes(scenes) : { over: Promise.resolve() };
    for (let at = from; at < to && !this.#isEnough(gateway); at += this.#plan.batchSize) {
      signal.throwIfAborted();
      await this.#batch(gateway, at, Math.min(to, at + this.#plan.batchSize), played.over);
      this.#plan.onBatch(this.#tally);
    }
    const metrics = gateway.hasEnded ? [] : await gateway.metrics();
    const socketsLeft = await this.#socketsLeft(gateway, socketsBefore);
    if (socketsLeft > 0) this.#docket.complain(-1, `${socketsLeft} sockets stay open`);
    const exitCode = await this.#end(gateway, hasScenes ? scenes : null);
    return {
      tally: this.#tally,
      coverage: coverageOf(this.#tally, metrics),
      findings: this.#docket.findings,
      residentBytesMax: this.#residentBytesMax,
      socketsLeft,
      exitCode,
    };
  }

  /** `over`: also of the one that takes its time. */
  async #beginScenes(scenes: Scenes): Promise<{ readonly over: Promise<void> }> {
    await scenes.playShort();
    const opened = Promise.withResolvers<void>();
    const over = scenes.playLong(opened.resolve);
    await Promise.race([opened.promise, over]);
    return { over };
  }

  #isEnough(gateway: FuzzedGateway): boolean {
    return gateway.hasEnded || this.#docket.findings.length >= this.#plan.findingsMax;
  }

  async #batch(
    gateway: FuzzedGateway,
    from: number,
    to: number,
    played: Promise<void>,
  ): Promise<void> {
    const { atOnce, lane, seed, signal } = this.#plan;
    const sessions = await gateway.logIn();
    let next = from;
    const work = async (): Promise<void> => {
      while (next < to && !signal.aborted && !gateway.hasEnded) {
        const record = this.#docket.open(caseOf(seed, next++, lane, sessions));
        record.received = await play(gateway.ports, record.case);
      }
    };
    await Promise.all([played, ...Array.from({ length: atOnce }, work)]);
    if (gateway.hasEnded) {
      this.#docket.complain(from, `the gateway ended:\n${gateway.stderr}`);
      return;
    }
    if (!(await gateway.settle(SETTLE_MS))) this.#docket.complain(-1, 'connections stay open');
    if (/"level":"error"/.test(gateway.stderr)) this.#docket.complain(-1, gateway.stderr);
    this.#residentBytesMax = Math.max(this.#residentBytesMax, gateway.residentBytes);
    await this.#judge(gateway);
  }

  async #judge(gateway: FuzzedGateway): Promise<void> {
    const lines = gateway.lines.takeAll();
    for (const [at, record] of this.#docket.takeAll().entries()) {
      const { index } = record.case;
      record.lines = lines.get(index) ?? [];
      lines.delete(index);
      this.#tally.add(record);
      for (const problem of judgeCase(record)) this.#docket.complain(index, problem, record);
      if (at % 1000 === 999) await turn(); // connections of upstreams want to be answered meanwhile
    }
    for (const index of lines.keys()) this.#docket.complain(index, 'a line of a case that is over');
  }

  /** Kept connections go when their time is over. */
  async #socketsLeft(gateway: FuzzedGateway, before: number): Promise<number> {
    for (let waitedMs = 0; !gateway.hasEnded; waitedMs += 100) {
      const left = gateway.socketCount - before;
      if (left <= 0 || waitedMs > QUIET_MS) return Math.max(0, left);
      await pause(100);
    }
    return 0;
  }

  /** The gateway is told to stop while somebody is connected. */
  async #end(gateway: FuzzedGateway, scenes: Scenes | null): Promise<number | null> {
    if (scenes === null || gateway.hasEnded) return await gateway.stop();
    const opened = Promise.withResolvers<void>();
    const ended = scenes.playToTheEnd(opened.resolve);
    await Promise.race([opened.promise, ended]);
    const exitCode = await gateway.stop();
    await ended;
    if (exitCode !== 0) this.#docket.complain(-1, `the gateway ended with ${String(exitCode)}`);
    await this.#judge(gateway);
    return exitCode;
  }
}
