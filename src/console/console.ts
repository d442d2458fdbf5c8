import { createHash } from 'node:crypto';
import type { ControlAnswer } from '../admin/control-order.ts';
import type { ConsoleQuestion, Look, Seen } from '../admin/console-port.ts';
import { isAskedByOwnSite } from '../endpoints/asking.ts';
import { CredentialsCheck } from '../endpoints/credentials-check.ts';
import type { EndpointRequest } from '../endpoints/endpoint.ts';
import type { EndpointParts } from '../endpoints/endpoint-parts.ts';
import { IdentityField } from '../endpoints/identity-field.ts';
import { Login } from '../endpoints/login.ts';
import { LoginPage } from '../endpoints/login-page.ts';
import { Logout } from '../endpoints/logout.ts';
import { SessionForms } from '../endpoints/session-forms.ts';
import { StaffRule } from '../endpoints/staff-rule.ts';
import { UnknownPath } from '../endpoints/unknown-path.ts';
import { situationOfToken, type Situation } from '../http/answer-table.ts';
import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { Clock } from '../lib/clock.ts';
import type { ConsolePages } from '../pages/console-pages.ts';
import type { ConsoleState, ImpersonationState } from '../pages/console-state.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Resolution } from '../session/resolution.ts';
import { endpointRequestOf, loginPath } from './console-request.ts';
import type { NodeView } from './node-view.ts';
import { nodesState } from './nodes-state.ts';
import { SharedReads } from './shared-reads.ts';
import { rowQueryOf, sessionsState, type RowSessions } from './session-rows.ts';
import { SessionEnds } from './session-ends.ts';
import type { NodeBoard } from './node-board.ts';

export interface ConsoleParts {
  /** With answers, pages, a cookie and a login of the console's own. */
  readonly endpoints: EndpointParts;
  readonly sessions: RowSessions & {
    look(token: string): Promise<Resolution>;
    isTouchDue(live: LiveSession, nowMs: number): boolean;
    touch(live: LiveSession, nowMs: number): void;
  };
  readonly pages: ConsolePages;
  readonly impersonation: ImpersonationState;
  /** Null where nodes have nothing in common. */
  readonly board: NodeBoard | null;
  readonly clock: Clock;
  /** Explains a request that has come, by its id, as `portcullis explain --request` does. */
  readonly explain: (requestId: string) => Promise<ControlAnswer>;
}

/** Whoever asks, or why nobody is let in. */
type Caller =
  | { readonly kind: 'staff'; readonly live: LiveSession }
  | { readonly kind: 'member'; readonly live: LiveSession }
  | { readonly kind: 'nobody'; readonly situation: Situation };

const dataPaths: ReadonlyMap<string, keyof ConsoleState | null> = new Map([
  ['/console/state.json', null],
  ['/console/sessions.json', 'sessions'],
  ['/console/nodes.json', 'nodes'],
  ['/console/upstreams.json', 'upstreams'],
  ['/console/rates.json', 'rates'],
]);

/**
 * What staff see and do on the operators' port. It lives where the sessions are, so in a worker; the process that holds
 * the port brings along what it knows of all of them.
 */
export class Console {
  readonly #parts: ConsoleParts;
  readonly #staff: StaffRule;
  readonly #forms: SessionForms;
  readonly #ends: SessionEnds;
  readonly #login: LoginPage;
  readonly #logout: Logout;
  readonly #reads: SharedReads;

  constructor(parts: ConsoleParts) {
    const { endpoints } = parts;
    const { answers, config, forms } = endpoints;
    const identity = new IdentityField(config.identity, answers.mode);
    this.#parts = parts;
    this.#staff = new StaffRule(config.staff);
    this.#forms = new SessionForms(forms);
    this.#ends = new SessionEnds(endpoints, this.#staff, this.#forms);
    const unknownPath = new UnknownPath(endpoints, identity, this.#staff);
    const check = new CredentialsCheck(endpoints);
    const login = new Login(endpoints, identity, check, unknownPath);
    this.#login = new LoginPage(endpoints, login, unknownPath);
    this.#logout = new Logout(endpoints, identity, unknownPath);
    this.#reads = new SharedReads(
      parts.sessions,
      parts.board,
      config.login.directories,
      parts.clock,
    );
  }

  async answer(question: ConsoleQuestion, view: NodeView): Promise<Reply> {
    const reply = await this.#answer(question, view);
    // An outage that the page shows ends without anybody's doing, and so does the page about it.
    const isShown = question.method === 'GET' && question.path === '/console';
    return reply.status === 503 && isShown
      ? { ...reply, fields: [...reply.fields, ['Refresh', '3']] }
      : reply;
  }

  /** For a stream: as `answer`, but nobody is there who does anything. */
  async look(question: ConsoleQuestion, seen: Seen, view: NodeView): Promise<Look> {
    const request = endpointRequestOf(question, this.#parts.endpoints.cookie);
    const caller = await this.#callerOf(request, (token) => this.#parts.sessions.look(token));
    if (caller.kind === 'nobody' && caller.situation === 'unavailable') {
      return { kind: 'unavailable' };
    }
    if (caller.kind !== 'staff') return { kind: 'refused', reply: this.#refuse(caller, request) };
    // A page of another port of this host would be sent with our cookie, and take a place that somebody may need.
    if (!isAskedByOwnSite(request, [])) {
      return { kind: 'refused', reply: this.#say('crossSite', request) };
    }
    const state = await this.#stateFor(caller.live, request, view);
    if (state === null) return { kind: 'unavailable' };
    const sections = this.#parts.pages.sections(state, request.field('accept-language'));
    const digests = Object.entries(sections).map(([id, html]) => [id, digestOf(html)] as const);
    return {
      kind: 'seen',
      seen: Object.fromEntries(digests),
      changed: Object.fromEntries(
        digests
          .filter(([id, digest]) => seen[id] !== digest)
          .map(([id]) => [id, sections[id] ?? '']),
      ),
    };
  }

  async #answer(question: ConsoleQuestion, view: NodeView): Promise<Reply> {
    const { endpoints, sessions } = this.#parts;
    const { cookie } = endpoints;
    const { method, path } = question;
    const anonymous = endpointRequestOf(question, cookie);
    if (path === loginPath) return await this.#login.answer(anonymous);
    const isLook = isLookOn(anonymous);
    const caller = await this.#callerOf(anonymous, (token) =>
      isLook ? sessions.look(token) : endpoints.sessions.resolve(token),
    );
    if (caller.kind !== 'nobody' && !isLook) {
      const nowMs = this.#parts.clock.now();
      if (sessions.isTouchDue(caller.live, nowMs)) sessions.touch(caller.live, nowMs);
      if (path === '/console/logout') {
        return await this.#logout.answer(endpointRequestOf(question, cookie, caller.live));
      }
    }
    if (caller.kind !== 'staff') return this.#refuse(caller, anonymous);
    const request = endpointRequestOf(question, cookie, caller.live);
    if (path === '/console/end') return await this.#end(request, caller.live);
    if (method !== 'GET' && method !== 'HEAD') return this.#say('methodNotAllowed', request);
    if (path === '/console') return await this.#page(request, caller.live, view);
    if (path === '/console/explain') return await this.#explain(request);
    const part = dataPaths.get(path);
    if (part === undefined) return this.#say('unknownPathStaff', request);
    if (!isAskedByOwnSite(request, [])) return this.#say('crossSite', request);
    const state = await this.#stateFor(caller.live, request, view);
    if (state === null) return this.#say('unavailable', request);
    return json(200, part === null ? state : state[part]);
  }

  async #callerOf(
    request: EndpointRequest,
    resolve: (token: string) => Resolution | Promise<Resolution>,
  ): Promise<Caller> {
    if (request.cookieToken === null) return { kind: 'nobody', situation: 'noCookie' };
    const resolution = await resolve(request.cookieToken);
    if (resolution.kind === 'unavailable') return { kind: 'nobody', situation: 'unavailable' };
    if (resolution.kind === 'none') {
      return { kind: 'nobody', situation: situationOfToken[resolution.reason] };
    }
    const { live } = resolution;
    return { kind: this.#staff.mayAct(live.session) ? 'staff' : 'member', live };
  }

  #refuse(caller: Exclude<Caller, { kind: 'staff' }>, request: EndpointRequest): Reply {
    if (caller.kind === 'nobody') return this.#say(caller.situation, request);
    const asking = askingOf(request);
    if (!asking.wantsHtml) return this.#say('notAllowed', request);
    const { subject } = caller.live.session.principal;
    return page(403, this.#parts.pages.notForYou(subject, asking.acceptLanguage));
  }

  async #explain(request: EndpointRequest): Promise<Reply> {
    if (!isAskedByOwnSite(request, [])) return this.#say('crossSite', request);
    const answer = await this.#parts.explain(new URLSearchParams(request.query).get('id') ?? '');
    return answer.kind === 'done'
      ? json(200, answer.value)
      : json(404, { error: 'unknown_request', detail: answer.sentence });
  }

  async #end(request: EndpointRequest, caller: LiveSession): Promise<Reply> {
    if (request.method !== 'POST') return this.#say('methodNotAllowed', request);
    const ended = await this.#ends.end(request, caller);
    this.#reads.forget();
    if (ended.kind === 'refused') return this.#say(ended.situation, request);
    if (!ended.isByForm) return json(200, { ended: ended.count });
    const query = new URLSearchParams({ ended: String(ended.count) });
    const { user } = rowQueryOf(request.query);
    if (user !== null) query.set('user', user);
    return this.#parts.endpoints.answers.redirect(303, `/console?${query.toString()}`);
  }

  async #page(request: EndpointRequest, caller: LiveSession, view: NodeView): Promise<Reply> {
    const state = await this.#stateFor(caller, request, view);
    if (state === null) return this.#say('unavailable', request);
    const ended = new URLSearchParams(request.query).get('ended');
    const shown = {
      state,
      token: this.#forms.tokenFor(caller),
      ended: ended !== null && /^\d{1,9}$/.test(ended) ? Number(ended) : null,
    };
    return page(200, this.#parts.pages.console(shown, request.field('accept-language')));
  }

  /** Null: the store does not answer. */
  async #stateFor(
    caller: LiveSession,
    request: EndpointRequest,
    view: NodeView,
  ): Promise<ConsoleState | null> {
    const { clock, endpoints, impersonation } = this.#parts;
    const query = rowQueryOf(request.query);
    const [rows, others] = await Promise.all([this.#reads.rows(query), this.#reads.others()]);
    if (rows === null) return null;
    const workers = this.#reads.together(view.workers, others ?? []);
    const { directory, subject } = caller.session.principal;
    return {
      at: new Date(clock.now()).toISOString(),
      node: endpoints.node,
      staff: { user: subject, directory },
      sessions: sessionsState(rows, query, workers, caller, this.#staff),
      nodes: nodesState(workers),
      upstreams: view.upstreams.map(({ balance, name, servers }) => ({
        name,
        balance,
        servers: servers.map(({ address, failures, inFlight, requests, server, state }) => {
          return { server, address, state, inFlight, requests, failures };
        }),
      })),
      rates: view.rates,
      impersonation,
    };
  }

  #say(situation: Situation, request: EndpointRequest): Reply {
    return this.#parts.endpoints.answers.answer(situation, askingOf(request));
  }
}

/** Whatever is asked again and again without anybody there: what programs read, and the page that reloads itself. */
function isLookOn({ method, path, query }: EndpointRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return dataPaths.has(path) || (path === '/console' && new URLSearchParams(query).has('look'));
}

const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, 16);

function json(status: number, value: unknown): Reply {
  return {
    status,
    fields: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Cross-Origin-Resource-Policy', 'same-origin'],
    ],
    body: `${JSON.stringify(value)}\n`,
  };
}

function page(status: number, content: Pick<Reply, 'fields' | 'body'>): Reply {
  return { status, fields: [...content.fields, ['Cache-Control', 'no-store']], body: content.body };
}
