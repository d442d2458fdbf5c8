import { answerTable } from './answer-table.ts';
import type { AnswerBody, AnswerRow, Situation } from './answer-table.ts';
import type { Reply } from './reply.ts';
import type { SessionCookie } from './set-cookie.ts';
import { PAGE_FIELDS, renderStatusPage } from './status-page.ts';
import type { StatusPage } from './status-page.ts';

/** Which of the two sets of answers is spoken. */
export type AnswerMode = 'modern' | 'tyke';

/** What an answer depends on beside the situation. */
export interface Asking {
  /** The client's connection is TLS: the cookie to clear has another name there. */
  readonly isSecure: boolean;
  /** Somebody looks at it in a browser window (`isNavigation`). Only `modern` has pages. */
  readonly wantsHtml: boolean;
}

/** What the request's own story adds to a text or a JSON body. A key that is undefined is left out. */
export type AnswerFacts = Readonly<
  Record<string, string | number | readonly string[] | null | undefined>
>;

type Fields = Reply['fields'];

/**
 * A 401 has to name a scheme (RFC 9110 §15.5.2). `Basic` would make browsers ask for a password and send it with every
 * request, `Bearer` would promise that a token in Authorization opens the door. `Cookie` names what we really look at,
 * and a client that does not know it shows the answer instead of acting on it.
 */
const CHALLENGE = ['WWW-Authenticate', 'Cookie realm="portcullis"'] as const;
/** On every answer of ours, also the 404s and 501s that caches keep unasked: who asks changes what is said. */
const NO_STORE = ['Cache-Control', 'no-store'] as const;

/**
 * Our own answers. Whatever does not vary with the request is made once, here: under a flood of forged cookies an
 * answer costs two look-ups and no allocation, and is the same object each time.
 */
export class Answers {
  readonly mode: AnswerMode;
  readonly #cookie: SessionCookie;
  /** By situation; within it `isSecure` counts two and `wantsHtml` one. */
  readonly #replies: ReadonlyMap<Situation, readonly Reply[]>;

  constructor(mode: AnswerMode, cookie: SessionCookie) {
    this.mode = mode;
    this.#cookie = cookie;
    this.#replies = new Map(
      situations().map(([situation, row]) => [situation, this.#variants(row)]),
    );
  }

  /** The answer to a situation that needs no facts. */
  answer(situation: Situation, asking: Asking): Reply {
    return variantOf(this.#replies.get(situation), asking);
  }

  /** The refusal of a logout without a session: somebody who sees the answer learns that it is done. */
  answerAtLogout(situation: Situation, asking: Asking): Reply {
    const reply = this.answer(situation, asking);
    return asking.wantsHtml && reply.status === 401
      ? this.answer('alreadyLoggedOut', asking)
      : reply;
  }

  /** The answer with what the request's own story adds: facts in the body, fields at the end. */
  tell(situation: Situation, asking: Asking, facts: AnswerFacts, fields: Fields = []): Reply {
    const row: AnswerRow = answerTable[situation];
    return this.#reply(row, asking, facts, fields);
  }

  #variants(row: AnswerRow): readonly Reply[] {
    return [false, true].flatMap((isSecure) =>
      [false, true].map((wantsHtml) =>
        Object.freeze(this.#reply(row, { isSecure, wantsHtml }, {}, [])),
      ),
    );
  }

  #reply(row: AnswerRow, asking: Asking, facts: AnswerFacts, more: Fields): Reply {
    const spec = row[this.mode];
    const page = asking.wantsHtml && this.mode === 'modern' ? spec.page : undefined;
    const status = page === undefined ? spec.status : (spec.pageStatus ?? spec.status);
    const { fields, body } = page === undefined ? contentOf(spec.body, facts) : pageContent(page);
    const all: (readonly [string, string])[] = [...fields, NO_STORE];
    if (status === 401) all.push([CHALLENGE[0], row.challenge ?? CHALLENGE[1]]);
    if (row.fields !== undefined) all.push(...row.fields);
    if (row.isCookieCleared) all.push(['Set-Cookie', this.#cookie.clearing(asking.isSecure)]);
    all.push(...more);
    return { status, fields: all, body };
  }
}

function situations(): [Situation, AnswerRow][] {
  // The table is a constant of ours: its keys are the situations and nothing else.
  return Object.entries(answerTable) as [Situation, AnswerRow][];
}

function variantOf(replies: readonly Reply[] | undefined, asking: Asking): Reply {
  const reply = replies?.[(asking.isSecure ? 2 : 0) + (asking.wantsHtml ? 1 : 0)];
  if (reply === undefined) throw new RangeError('no such situation');
  return reply;
}

interface Content {
  readonly fields: Fields;
  readonly body: string;
}

const TEXT_FIELDS: Fields = [['Content-Type', 'text/plain; charset=UTF-8']];
const JSON_FIELDS: Fields = [['Content-Type', 'application/json']];

function contentOf(body: AnswerBody, facts: AnswerFacts): Content {
  switch (body.kind) {
    case 'text':
      return { fields: TEXT_FIELDS, body: fill(body.text, facts) };
    case 'error':
      return { fields: JSON_FIELDS, body: JSON.stringify({ error: body.code }) };
    case 'json':
      return { fields: JSON_FIELDS, body: pick(body.keys, facts) };
    case 'page':
      return pageContent(body.page);
    case 'empty':
      return { fields: [], body: '' };
  }
}

function pageContent(page: StatusPage): Content {
  return { fields: PAGE_FIELDS, body: renderStatusPage(page) };
}

function fill(text: string, facts: AnswerFacts): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => String(facts[key] ?? ''));
}

function pick(keys: readonly string[], facts: AnswerFacts): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, facts[key]])));
}
