import type { AnswerPages, PageContent, StatusPageName } from './answer-pages.ts';
import { answerTable } from './answer-table.ts';
import type { AnswerBody, AnswerRow, Situation } from './answer-table.ts';
import type { Asking } from './asking.ts';
import type { Reply } from './reply.ts';
import type { SessionCookie } from './set-cookie.ts';

/** Which of the two sets of answers is spoken. */
export type AnswerMode = 'modern' | 'tyke';

/** What the request's own story adds to a text or a JSON body. A key that is undefined is left out. */
export type AnswerFacts = Readonly<Record<string, AnswerFact | undefined>>;

/** What JSON can say. */
export type AnswerFact =
  | string
  | number
  | boolean
  | null
  | readonly AnswerFact[]
  | { readonly [key: string]: AnswerFact | undefined };

type Fields = Reply['fields'];

/**
 * A 401 has to name a scheme (RFC 9110 §15.5.2). `Basic` would make browsers ask for a password and send it with every
 * request, `Bearer` would promise that a token in Authorization opens the door. `Cookie` names what we really look at,
 * and a client that does not know it shows the answer instead of acting on it.
 */
const CHALLENGE = ['WWW-Authenticate', 'Cookie realm="portcullis"'] as const;
/** On every answer of ours, also the 404s and 501s that caches keep unasked: who asks changes what is said. */
const NO_STORE = ['Cache-Control', 'no-store'] as const;

/** A longer way back is not remembered: the redirect would be more than some clients read of a head. */
const returnToMax = 2_000;

/**
 * Our own answers. Whatever does not vary with the request is made once: under a flood of forged cookies an answer costs
 * three look-ups, and is the same object each time.
 */
export class Answers {
  readonly mode: AnswerMode;
  readonly pages: AnswerPages;
  readonly #cookie: SessionCookie;
  /** By login URL (empty for none), of which a configuration knows a few. */
  readonly #replies = new Map<string, ReadonlyMap<Situation, readonly Reply[]>>();

  constructor(mode: AnswerMode, cookie: SessionCookie, pages: AnswerPages) {
    this.mode = mode;
    this.pages = pages;
    this.#cookie = cookie;
  }

  /** The answer to a situation that needs no facts. */
  answer(situation: Situation, asking: Asking): Reply {
    const redirect = this.#redirect(situation, asking);
    if (redirect !== null) return redirect;
    const loginUrl = asking.loginUrl ?? '';
    let replies = this.#replies.get(loginUrl);
    if (replies === undefined) {
      replies = new Map(
        situations().map(([name, row]) => [name, this.#variants(row, asking.loginUrl ?? null)]),
      );
      this.#replies.set(loginUrl, replies);
    }
    return this.#variantOf(replies.get(situation), asking);
  }

  /** The refusal of a logout without a session: somebody who sees the answer learns that it is done. */
  answerAtLogout(situation: Situation, asking: Asking): Reply {
    const row: AnswerRow = answerTable[situation];
    const stays = { ...asking, returnTo: null };
    return this.#hasPages(asking) && row.isChallenge === true
      ? this.answer('alreadyLoggedOut', stays)
      : this.answer(situation, stays);
  }

  /**
   * The refusal of what another proxy asked about. It takes a 401 for a no and nothing else, so that is what it gets; one
   * that knows how tells its client where to log in.
   */
  answerToProxy(situation: Situation, asking: Asking): Reply {
    const reply = this.answer(situation, asking);
    if (reply.status !== 401 || asking.loginUrl === null || asking.loginUrl === undefined) {
      return reply;
    }
    return { ...reply, fields: [...reply.fields, ['Location', asking.loginUrl]] };
  }

  /** The answer with what the request's own story adds: facts in the body, fields at the end. */
  tell(situation: Situation, asking: Asking, facts: AnswerFacts, fields: Fields = []): Reply {
    return this.#reply(answerTable[situation], asking, facts, fields);
  }

  /** To another page: 302 for somebody who went somewhere, 303 after a form. */
  redirect(status: 302 | 303, location: string, fields: Fields = []): Reply {
    return { status, fields: [['Location', location], NO_STORE, ...fields], body: '' };
  }

  /** Somebody who is not logged in goes to the login page, and comes back from there. */
  #redirect(situation: Situation, asking: Asking): Reply | null {
    const { isSecure, loginUrl, returnTo } = asking;
    const row: AnswerRow = answerTable[situation];
    if (row.isChallenge !== true || !this.#hasPages(asking)) return null;
    if (typeof loginUrl !== 'string' || typeof returnTo !== 'string') return null;
    const query = new URLSearchParams();
    // An address elsewhere could not lead back to a mere path.
    if (loginUrl.startsWith('/') && returnTo.length <= returnToMax) query.set('next', returnTo);
    if (row.hasEnded === true) query.set('ended', '1');
    const mark = query.size === 0 ? '' : loginUrl.includes('?') ? '&' : '?';
    const cleared: Fields =
      row.isCookieCleared === true ? [['Set-Cookie', this.#cookie.clearing(isSecure)]] : [];
    return this.redirect(302, `${loginUrl}${mark}${query.toString()}`, cleared);
  }

  #hasPages(asking: Asking): boolean {
    return asking.wantsHtml && this.mode === 'modern';
  }

  /** For either kind of connection: without a page, then as a page in each language. */
  #variants(row: AnswerRow, loginUrl: string | null): readonly Reply[] {
    return [false, true].flatMap((isSecure) =>
      [undefined, ...this.pages.languages].map((language) =>
        Object.freeze(
          this.#replyIn(row, { isSecure, wantsHtml: false, loginUrl }, language, {}, []),
        ),
      ),
    );
  }

  #variantOf(replies: readonly Reply[] | undefined, asking: Asking): Reply {
    const { languages } = this.pages;
    const language = this.#hasPages(asking)
      ? languages.indexOf(this.pages.languageFor(asking.acceptLanguage)) + 1
      : 0;
    const reply = replies?.[(asking.isSecure ? languages.length + 1 : 0) + language];
    if (reply === undefined) throw new RangeError('no such situation');
    return reply;
  }

  #reply(row: AnswerRow, asking: Asking, facts: AnswerFacts, more: Fields): Reply {
    const language = this.#hasPages(asking)
      ? this.pages.languageFor(asking.acceptLanguage)
      : undefined;
    return this.#replyIn(row, asking, language, facts, more);
  }

  #replyIn(
    row: AnswerRow,
    asking: Asking,
    language: string | undefined,
    facts: AnswerFacts,
    more: Fields,
  ): Reply {
    const spec = row[this.mode];
    const loginUrl = asking.loginUrl ?? null;
    const page = language === undefined ? undefined : spec.page;
    const status = page === undefined ? spec.status : (spec.pageStatus ?? spec.status);
    const known = row.isChallenge === true && loginUrl !== null ? { login_url: loginUrl } : {};
    const { fields, body } =
      page === undefined
        ? this.#contentOf(spec.body, { ...facts, ...known }, asking)
        : this.pages.status(page, language ?? '', loginUrl);
    const all: (readonly [string, string])[] = [...fields, NO_STORE];
    if (status === 401) all.push([CHALLENGE[0], row.challenge ?? CHALLENGE[1]]);
    if (row.fields !== undefined) all.push(...row.fields);
    if (row.isCookieCleared) all.push(['Set-Cookie', this.#cookie.clearing(asking.isSecure)]);
    all.push(...more);
    return { status, fields: all, body };
  }

  #contentOf(body: AnswerBody, facts: AnswerFacts, asking: Asking): PageContent {
    switch (body.kind) {
      case 'text':
        return { fields: TEXT_FIELDS, body: fill(body.text, facts) };
      case 'error': {
        const { login_url } = facts;
        const error =
          login_url === undefined ? { error: body.code } : { error: body.code, login_url };
        return { fields: JSON_FIELDS, body: JSON.stringify(error) };
      }
      case 'json':
        return { fields: JSON_FIELDS, body: pick(body.keys, facts) };
      case 'page':
        return this.#pageOf(body.page, asking);
      case 'empty':
        return { fields: [], body: '' };
    }
  }

  #pageOf(name: StatusPageName, asking: Asking): PageContent {
    const language = this.pages.languageFor(asking.acceptLanguage);
    return this.pages.status(name, language, asking.loginUrl ?? null);
  }
}

function situations(): [Situation, AnswerRow][] {
  // The table is a constant of ours: its keys are the situations and nothing else.
  return Object.entries(answerTable) as [Situation, AnswerRow][];
}

const TEXT_FIELDS: Fields = [['Content-Type', 'text/plain; charset=UTF-8']];
const JSON_FIELDS: Fields = [['Content-Type', 'application/json']];

function fill(text: string, facts: AnswerFacts): string {
  return text.replace(/\{(\w+)\}/g, (_, key: string) => {
    const fact = facts[key];
    return typeof fact === 'string' || typeof fact === 'number' ? String(fact) : '';
  });
}

function pick(keys: readonly string[], facts: AnswerFacts): string {
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, facts[key]])));
}
