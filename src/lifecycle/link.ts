import type { ChildProcess, SendHandle } from 'node:child_process';
import type { Answer, Question } from './link-message.ts';

/** One end of the pipe between the primary and a worker: `process`, or a child. */
export interface LinkEnd {
  readonly connected: boolean;
  send?: ChildProcess['send'];
  on(name: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
}

type Answerer = (body: unknown) => unknown;

/**
 * Messages between the primary and one worker. Both run the same package and nobody else holds the pipe, so what comes is
 * what the types say. Nothing here throws or rejects because the other side is gone: whoever needs to know hears of its
 * end by other ways.
 */
export class Link<Out extends { readonly kind: string }, In extends { readonly kind: string }> {
  readonly #end: LinkEnd;
  readonly #pending = new Map<number, (body: unknown) => void>();
  readonly #answerers = new Map<string, Answerer>();
  readonly #receive: (message: Exclude<In, Question | Answer>, handle: unknown) => void;
  #number = 0;

  constructor(
    end: LinkEnd,
    receive: (message: Exclude<In, Question | Answer>, handle: unknown) => void,
  ) {
    this.#end = end;
    this.#receive = receive;
    // The types are a promise between two ends of one package.
    end.on('message', (message, handle) => this.#received(message as In, handle));
  }

  /** `handle`: what a server listens on. */
  send(message: Out | Question | Answer, handle?: object): void {
    void this.sent(message, handle);
  }

  /** Resolves when the message has left this process, or cannot. */
  sent(message: Out | Question | Answer, handle?: object): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#end.connected || this.#end.send === undefined) resolve();
      // Node takes its own bare handles, its types do not have them.
      else this.#end.send(message, handle as SendHandle | undefined, {}, () => resolve());
    });
  }

  /** Null: no answer within the time. */
  ask(topic: string, body: unknown, timeoutMs: number): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const number = ++this.#number;
    const timer = setTimeout(resolve, timeoutMs, null);
    this.#pending.set(number, resolve);
    this.send({ kind: 'question', number, topic, body });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#pending.delete(number);
    });
  }

  /** Who answers questions on a topic. Null is the answer where that fails. */
  answer(topic: string, answerer: Answerer): void {
    this.#answerers.set(topic, answerer);
  }

  /** Nobody will answer any more. */
  close(): void {
    for (const resolve of [...this.#pending.values()]) resolve(null);
  }

  #received(message: In, handle: unknown): void {
    if (isQuestion(message)) void this.#reply(message);
    else if (isAnswer(message)) this.#pending.get(message.number)?.(message.body);
    else this.#receive(message as Exclude<In, Question | Answer>, handle); // what is left
  }

  async #reply({ number, topic, body }: Question): Promise<void> {
    let answer: unknown = null;
    try {
      answer = await this.#answerers.get(topic)?.(body);
    } catch {
      // Null says it.
    }
    this.send({ kind: 'answer', number, body: answer ?? null });
  }
}

function isQuestion(message: { readonly kind: string }): message is Question {
  return message.kind === 'question';
}

function isAnswer(message: { readonly kind: string }): message is Answer {
  return message.kind === 'answer';
}
