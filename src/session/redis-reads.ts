import { withoutLoginOrigin } from '../identity/login-origin.ts';
import { RedisSilent } from './redis-link.ts';
import { openRecord } from './redis-record.ts';
import type { RedisStore } from './redis-store.ts';
import type { ReadAnswer } from './session-store.ts';

const keysPerScript = 64;
const scriptsMax = 4;

interface Question {
  /** On the monotonic clock. */
  readonly askedAtMs: number;
  readonly key: string;
  readonly answer: (answer: ReadAnswer) => void;
  readonly fail: (error: unknown) => void;
}

/** Reads that are asked for in one turn go in one script: a cache that was dropped fills without a flood. */
export class RedisReads {
  readonly #store: RedisStore;
  readonly #idleTimeoutMs: number;
  #questions: Question[] = [];
  #underWay = 0;
  #isDue = false;

  constructor(store: RedisStore, idleTimeoutMs: number) {
    this.#store = store;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  read(key: string): Promise<ReadAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>();
    const askedAtMs = this.#store.parts.clock.monotonic();
    this.#questions.push({ askedAtMs, key, answer: resolve, fail: reject });
    if (!this.#isDue) {
      this.#isDue = true;
      queueMicrotask(() => this.#send());
    }
    return promise;
  }

  #send(): void {
    this.#isDue = false;
    this.#giveUpLate();
    while (this.#questions.length > 0 && this.#underWay < scriptsMax) {
      const batch = this.#questions.slice(0, keysPerScript);
      this.#questions = this.#questions.slice(keysPerScript);
      this.#underWay += 1;
      void this.#ask(batch).finally(() => {
        this.#underWay -= 1;
        this.#send();
      });
    }
  }

  /** A store that has stopped answering is not waited for twice. */
  #giveUpLate(): void {
    const sinceMs = this.#store.parts.clock.monotonic() - this.#store.commandMs;
    const late = this.#questions.filter(({ askedAtMs }) => askedAtMs <= sinceMs);
    if (late.length === 0) return;
    this.#questions = this.#questions.filter(({ askedAtMs }) => askedAtMs > sinceMs);
    for (const { fail } of late) fail(new RedisSilent('too many reads wait'));
  }

  async #ask(batch: readonly Question[]): Promise<void> {
    try {
      const args = [this.#idleTimeoutMs, ...batch.map(({ key }) => key)];
      const answer = await this.#store.ask(this.#store.scripts.read, args);
      for (const [index, question] of batch.entries()) {
        question.answer(this.#answerOf(question.key, answer[index + 1]));
      }
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }

  #answerOf(key: string, record: unknown): ReadAnswer {
    switch (record) {
      case 'revoked':
      case 'unknown':
      case 'expired':
        return { kind: 'none', reason: record };
      default: {
        const session = openRecord(this.#store, key, record);
        if (session === null) return { kind: 'none', reason: 'unknown' };
        const principal = withoutLoginOrigin(session.principal);
        return { kind: 'live', session: { ...session, principal } };
      }
    }
  }
}
