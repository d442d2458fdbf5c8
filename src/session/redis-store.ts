import type { Clock } from '../lib/clock.ts';
import type { MessageSeal } from '../tokens/message-seal.ts';
import type { ValueSeal } from '../tokens/value-seal.ts';
import { CommonParts } from './common-parts.ts';
import { RedisLink, RedisRefused, RedisSilent, type RedisConnect } from './redis-link.ts';
import { ReplicaWait } from './replica-wait.ts';
import { redisFindings } from './redis-findings.ts';
import { redisScripts, type RedisScript, type RedisScripts } from './redis-scripts.ts';

export interface RedisStoreParts {
  readonly connect: RedisConnect;
  /** Names this gateway's keys: all of them begin with `{prefix}:`. */
  readonly prefix: string;
  readonly values: ValueSeal;
  readonly messages: MessageSeal;
  readonly clock: Clock;
  /** Random, 16 hex digits, new with every start of a worker. */
  readonly worker: string;
  /** `coherence.staleness`. */
  readonly boundMs: number;
  /** Replicas that are to have the end of a session; 0: nobody asks. */
  readonly waitReplicas?: number;
  /** What is unsafe about the server, each time that it is connected to: one sentence each. */
  readonly onFindings?: (findings: readonly string[]) => void;
  readonly onTrouble?: (error: unknown) => void;
  /** How the scripts know the time; the server's clock unless said. */
  readonly time?: string;
}

const commandMsMax = 250;
/** In command times: a connection that answers nothing for so long is made again. */
const silentCommands = 4;

/**
 * What the adapters for Redis share: the connections, the scripts, and what the last poll said of the server. Requests
 * have a connection of their own, so that no read delays a poll.
 */
export class RedisStore {
  readonly parts: RedisStoreParts;
  readonly scripts: RedisScripts;
  readonly requests: RedisLink;
  readonly polls: RedisLink;
  readonly commandMs: number;
  /** Of all principals that were read. */
  readonly common = new CommonParts();
  /** Where replicas are waited for: that holds up what follows, so nothing else follows. */
  readonly #waits: ReplicaWait | null;
  /** The process that the last poll was answered by; nothing else is believed. */
  #runId: string | null = null;
  /** The latest epoch that a poll was told; -1: none yet. */
  #epoch = -1;
  /** By how much the server's clock is ahead of our monotonic one. */
  #offsetMs: number | null = null;
  /** Connections that are to lead to where the polls are answered. */
  readonly #followers = new Set<RedisLink>();
  /** What was said of this outage: an attempt a tenth of a second makes a long log. */
  readonly #troubles = new Set<string>();

  constructor(parts: RedisStoreParts) {
    this.parts = parts;
    this.scripts = redisScripts(parts.time);
    this.commandMs = Math.min(commandMsMax, parts.boundMs / 4);
    const { connect, onFindings, waitReplicas = 0 } = parts;
    const shared = {
      connect,
      silenceMs: silentCommands * this.commandMs,
      onDown: (error: unknown) => this.trouble(error),
    };
    this.requests = new RedisLink({
      ...shared,
      onUp: async (client) => {
        this.#troubles.clear();
        onFindings?.(redisFindings(await client.info('memory', 'persistence', 'replication')));
      },
    });
    this.polls = new RedisLink(shared);
    this.#followers.add(this.requests);
    const marks = (link: RedisLink): Promise<unknown> => this.ask(this.scripts.mark, [], link);
    this.#waits =
      waitReplicas === 0
        ? null
        : new ReplicaWait({
            link: new RedisLink(shared),
            mark: marks,
            replicas: waitReplicas,
            waitMs: this.commandMs,
          });
    if (this.#waits !== null) this.#followers.add(this.#waits.link);
  }

  /** The latest epoch that is known here; -1: none yet. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether requests could ask the server that the last poll was answered by. */
  get isReachable(): boolean {
    const { runId } = this.requests;
    return runId !== null && runId === this.#runId;
  }

  get head(): string {
    return this.name('head');
  }

  name(key: string): string {
    return `{${this.parts.prefix}}:${key}`;
  }

  /** From here on this connection is made again when polls are answered by another server than its own. */
  keepTogether(link: RedisLink): void {
    this.#followers.add(link);
  }

  start(): void {
    this.requests.start();
    this.polls.start();
    this.#waits?.link.start();
  }

  stop(): void {
    this.requests.stop();
    this.polls.stop();
    this.#waits?.link.stop();
  }

  /** What a request asks; rejects unless the server is the one that the last poll was answered by. */
  ask(
    script: RedisScript,
    args: readonly (string | number)[],
    link = this.requests,
  ): Promise<readonly unknown[]> {
    const { runId } = link;
    if (runId === null || runId !== this.#runId) {
      return Promise.reject(new RedisRefused('not the server of the last poll'));
    }
    return this.#run(link, `${runId} ${String(this.#epoch)}`, script, args, this.commandMs);
  }

  /** The one question that is answered in any epoch: it begins them. */
  poll(args: readonly (string | number)[], timeoutMs: number): Promise<readonly unknown[]> {
    const { polls, scripts } = this;
    return this.#run(polls, polls.runId ?? '', scripts.poll, args, timeoutMs);
  }

  /** Whether as many replicas as wanted have what was just committed; null: nobody wants to know. */
  async isReplicated(): Promise<boolean | null> {
    if (this.#waits === null) return null;
    try {
      return await this.#waits.ask();
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  /** Rejects with `RedisRefused` where the server is in another epoch than this one. */
  async #run(
    link: RedisLink,
    epoch: string,
    script: RedisScript,
    args: readonly (string | number)[],
    timeoutMs: number,
  ): Promise<readonly unknown[]> {
    const rest = [1, this.head, epoch, this.name(''), ...args];
    let answer: unknown;
    try {
      answer = await link.call(timeoutMs, 'EVALSHA', [script.sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      answer = await link.call(timeoutMs, 'EVAL', [script.text, ...rest]);
    }
    if (!Array.isArray(answer)) throw new TypeError('a script answered with no list');
    if (answer[0] === 'epoch') throw new RedisRefused('the store has begun a new epoch');
    return answer;
  }

  /** A poll was answered: who by, in which epoch, and what its clock showed between two moments of our monotonic one. */
  polled(
    { epoch, runId }: { readonly runId: string | null; readonly epoch: number },
    serverMs: number,
    sentAtMs: number,
    answeredAtMs: number,
  ): void {
    this.#runId = runId;
    this.#epoch = epoch;
    // One that stayed with a server that is no primary any more would be of no use, and nobody would notice.
    for (const link of this.#followers) {
      if (link.runId !== null && link.runId !== runId)
        link.drop(new RedisRefused('another server is the primary'));
    }
    const least = serverMs - answeredAtMs;
    const most = serverMs - sentAtMs;
    // One that is still possible stays, so that times do not jump about.
    this.#offsetMs = Math.min(Math.max(this.#offsetMs ?? most, least), Math.max(most, least));
  }

  /** A moment on the server's clock, on ours: by the time that is left, whatever has been done to our wall clock. */
  toOurs(serverMs: number): number {
    const { clock } = this.parts;
    const leftMs = serverMs - (this.#offsetMs ?? 0) - clock.monotonic();
    return Math.round(clock.now() + leftMs);
  }

  /** A connection was lost or did not come to be. */
  trouble(error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    if (this.#troubles.has(said)) return;
    this.#troubles.add(said);
    this.parts.onTrouble?.(error);
  }

  /** What went wrong, if it is news, goes to the log; an outage is none. */
  report(error: unknown): void {
    if (error instanceof RedisRefused || error instanceof RedisSilent) return;
    this.trouble(error);
  }
}
