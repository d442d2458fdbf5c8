import type { Answers } from '../http/answers.ts';
import type { Situation } from '../http/answer-table.ts';
import { askingOf, askingOfProxy } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { Exchange } from './exchange.ts';

const CHALLENGE = 'WWW-Authenticate';

/** What the gateway itself says to whoever asks: in the form that they read, with the fields of their route. */
export class OwnAnswers {
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  say(exchange: Exchange, situation: Situation): void {
    this.reply(exchange, this.#replyTo(exchange, situation));
  }

  /** Whoever has asked too often hears when to come again; rounded up to whole seconds. */
  sayWait(exchange: Exchange, waitMs: number): void {
    const retryAfter = ['Retry-After', String(Math.ceil(waitMs / 1000))] as const;
    const reply = this.#replyTo(exchange, 'rateLimited');
    const fields = reply.status === 429 ? [...reply.fields, retryAfter] : reply.fields;
    this.reply(exchange, { ...reply, fields });
  }

  /** With the challenges of a token service in the place of ours, where it has any. */
  challenge(exchange: Exchange, challenges: readonly string[]): void {
    const reply = this.#replyTo(exchange, 'tokenRefused');
    const own = reply.fields.filter(([name]) => name !== CHALLENGE || challenges.length === 0);
    const theirs = challenges.map((value) => [CHALLENGE, value] as const);
    this.reply(exchange, { ...reply, fields: [...own, ...theirs] });
  }

  reply(exchange: Exchange, reply: Reply): void {
    const security = exchange.route?.security ?? null;
    exchange.lane.reply(security === null ? reply : security.completed(reply, exchange.isSecure));
  }

  #replyTo(exchange: Exchange, situation: Situation): Reply {
    const answers = this.#answers;
    const target = exchange.route?.target;
    const endpoint = target?.kind === 'endpoint' ? target.name : null;
    if (endpoint === 'validate') {
      // A proxy that asks takes 401 and 403 for a no, and everything else for a fault.
      const told = situation === 'rateLimited' ? 'notAllowed' : situation;
      return answers.answerToProxy(told, askingOfProxy(exchange));
    }
    // Under `tyke` nobody gets a page: the fields are not worth a look.
    const asking = answers.mode === 'tyke' ? askingOfProxy(exchange) : askingOf(exchange);
    return endpoint === 'logout'
      ? answers.answerAtLogout(situation, asking)
      : answers.answer(situation, asking);
  }
}
