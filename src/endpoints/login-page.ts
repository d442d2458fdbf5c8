import type { Situation } from '../http/answer-table.ts';
import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { safeReturnTarget } from '../http/return-target.ts';
import type { LoginProblem } from '../pages/login-page.ts';
import { isAskedByOwnSite } from './asking.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { isForm, readForm, type Form } from './form.ts';
import type { Login } from './login.ts';
import { asPage, withFields } from './page-reply.ts';
import type { UnknownPath } from './unknown-path.ts';

/** Somebody may leave for a cup of coffee with the form open. */
const formLifeMs = 3_600_000;
/** A redirect takes no time. */
const backLifeMs = 5 * 60_000;

/** What the form says about a refusal; of others, that something went wrong on our side. */
const problems: Readonly<Partial<Record<Situation, LoginProblem>>> = {
  loginRejected: 'loginRejected',
  loginThrottled: 'loginThrottled',
  unavailable: 'loginUnavailable',
  bodyMalformed: 'loginRejected',
};

/** What the form is made again with. */
interface Attempt {
  readonly binding: string;
  readonly target: string | null;
  readonly username: string;
  readonly problem: LoginProblem | null;
  readonly hasEnded: boolean;
}

/**
 * The login for people: GET shows a form, which posts to the same address; JSON is left to `login`. Needs no script.
 *
 *     GET ?next=/x ─► form, cookie -login ─► POST ─► 303 ?back=… ─► is the cookie there? ─ yes ► 302 /x
 *                                               └ refused: the form again                └ no ► a page that says so
 *
 * The form carries where to go and until when it is good, under a code that only the browser with the cookie `-login`
 * can present: no other site can log anybody in here, and nobody can change where it leads.
 */
export class LoginPage implements Endpoint {
  readonly bodyBytesMax: number;
  readonly #parts: EndpointParts;
  readonly #login: Login;
  readonly #unknownPath: UnknownPath;

  constructor(parts: EndpointParts, login: Login, unknownPath: UnknownPath) {
    this.bodyBytesMax = login.bodyBytesMax;
    this.#parts = parts;
    this.#login = login;
    this.#unknownPath = unknownPath;
  }

  async answer(request: EndpointRequest): Promise<Reply> {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return this.#show(request);
      case 'POST':
        return isForm(request) ? this.#post(request) : this.#login.answer(request);
      default:
        return this.#unknownPath.answer(request);
    }
  }

  /** Whoever is logged in already goes on. */
  async #show(request: EndpointRequest): Promise<Reply> {
    const { answers, config, cookie, forms, sessions } = this.#parts;
    const { cookieToken, isSecure } = request;
    const query = new URLSearchParams(request.query);
    const binding = this.#bindingOf(request);
    const back = binding === null ? null : forms.open(query.get('back'), 'back', binding);
    const target = back?.['target'] ?? this.#targetIn(query);
    const resolution =
      cookieToken === null ? ({ kind: 'none' } as const) : await sessions.resolve(cookieToken);
    switch (resolution.kind) {
      case 'valid':
        return answers.redirect(302, target ?? config.login.home, [
          ['Set-Cookie', cookie.login.clearing(isSecure)],
        ]);
      case 'unavailable':
        return this.#say('unavailable', request);
      case 'none': {
        if (back !== null) return this.#say('cookieMissing', request);
        const hasEnded = query.has('ended');
        const attempt = { target, username: '', problem: null, hasEnded };
        return binding === null
          ? this.#formForStranger(attempt, request)
          : this.#form('formShown', { ...attempt, binding }, request);
      }
    }
  }

  async #post(request: EndpointRequest): Promise<Reply> {
    const { config, forms } = this.#parts;
    if (!isAskedByOwnSite(request, config.login.allowedOrigins)) {
      return this.#say('crossSite', request);
    }
    const form = readForm(request);
    if (form === null) return this.#say('bodyMalformed', request);
    const binding = this.#bindingOf(request);
    if (binding === null) return this.#say('cookieMissing', request);
    const username = form.get('username') ?? '';
    const sealed = forms.open(form.get('token') ?? null, 'login', binding);
    if (sealed === null) {
      const target = this.#targetIn(new URLSearchParams(request.query));
      const attempt = {
        binding,
        target,
        username,
        problem: 'loginExpired',
        hasEnded: false,
      } as const;
      return this.#form('formExpired', attempt, request);
    }
    return this.#enter(form, { binding, username, target: sealed['target'] ?? null }, request);
  }

  async #enter(
    form: Form,
    seen: Pick<Attempt, 'binding' | 'target' | 'username'>,
    request: EndpointRequest,
  ): Promise<Reply> {
    const { answers, forms } = this.#parts;
    const password = form.get('password') ?? '';
    if (seen.username === '' || password === '') {
      const attempt = { ...seen, problem: 'loginIncomplete', hasEnded: false } as const;
      return this.#form('bodyIncomplete', attempt, request);
    }
    const entrance = await this.#login.enter(request, seen.username, password);
    if (entrance.kind === 'refused') {
      // Trying again is of no use to anybody at this address.
      if (entrance.situation === 'banned') {
        return withFields(this.#say('banned', request), entrance.fields);
      }
      const problem = problems[entrance.situation] ?? 'loginFailed';
      const again = this.#form(entrance.situation, { ...seen, problem, hasEnded: false }, request);
      return withFields(again, entrance.fields);
    }
    const back = forms.seal('back', targetField(seen.target), seen.binding, backLifeMs);
    return answers.redirect(303, `${request.path}?back=${back}`, entrance.cookies);
  }

  #formForStranger(attempt: Omit<Attempt, 'binding'>, request: EndpointRequest): Reply {
    const { cookie, forms } = this.#parts;
    const binding = forms.createBinding();
    const reply = this.#form('formShown', { ...attempt, binding }, request);
    const setting = ['Set-Cookie', cookie.login.setting(binding, request.isSecure)] as const;
    return { ...reply, fields: [...reply.fields, setting] };
  }

  #form(situation: Situation, attempt: Attempt, request: EndpointRequest): Reply {
    const { answers, forms, pages } = this.#parts;
    const { binding, target, ...shown } = attempt;
    const token = forms.seal('login', targetField(target), binding, formLifeMs);
    const language = pages.languageFor(request.field('accept-language'));
    const page = pages.login({ ...shown, token }, language);
    return asPage(
      answers.answer(situation, { isSecure: request.isSecure, wantsHtml: false }),
      page,
    );
  }

  /** A page, however the request looks: nobody else than a browser comes here. */
  #say(situation: Situation, request: EndpointRequest): Reply {
    const acceptLanguage = request.field('accept-language');
    const asking = { ...askingOf(request), wantsHtml: true, returnTo: null, acceptLanguage };
    return this.#parts.answers.answer(situation, asking);
  }

  #bindingOf(request: EndpointRequest): string | null {
    const { cookie, forms } = this.#parts;
    const binding = request.cookie(cookie.login.nameFor(request.isSecure));
    return forms.isBinding(binding) ? binding : null;
  }

  #targetIn(query: URLSearchParams): string | null {
    return safeReturnTarget(query.get('next'), this.#parts.config.login.returnHosts);
  }
}

function targetField(target: string | null): Readonly<Record<string, string>> {
  return target === null ? {} : { target };
}
