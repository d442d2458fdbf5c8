import { html, type Markup } from './html.ts';
import { tokenField } from './form-parts.ts';
import type { Layout } from './layout.ts';
import type { Texts } from './texts.ts';

/** One session, as its owner sees it. */
export interface ShownSession {
  readonly handle: string;
  /** The one that asks. */
  readonly isOwn: boolean;
  /** Who opened it to act for the owner. */
  readonly actor: string | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
}

export interface SessionsList {
  readonly user: string;
  readonly sessions: readonly ShownSession[];
  /** Null: whoever looks may end nothing. */
  readonly token: string | null;
  /** Something has just been ended. */
  readonly isDone: boolean;
}

export function sessionsPage(list: SessionsList, texts: Texts): Layout {
  const { sessions, token } = list;
  const title = texts.say('sessionsTitle');
  const hasOthers = sessions.some((session) => !session.isOwn);
  return {
    title,
    isWide: true,
    body: html`<h1>${title}</h1>
      <p>${texts.say('sessionsText', { user: list.user })}</p>
      ${list.isDone && html`<div class="notice" role="status"><p>${texts.say('sessionsEnded')}</p></div>`}
      <ul class="sessions">
        ${sessions.map((session, index) => row(session, index, token, texts))}
      </ul>
      ${
        token !== null &&
        hasOthers &&
        html`<form class="actions" method="post">
          ${tokenField(token)}<button type="submit" name="end" value="others">
            ${texts.say('endOthers')}
          </button>
        </form>`
      }`,
  };
}

function row(session: ShownSession, index: number, token: string | null, texts: Texts): Markup {
  const { actor, createdAtMs, handle, lastSeenAtMs } = session;
  const who = session.isOwn
    ? texts.say('sessionOwn')
    : actor === null
      ? texts.say('sessionOther')
      : texts.say('sessionByStaff', { actor });
  const began = texts.say('sessionBegan', { when: texts.time(createdAtMs) });
  const seen = texts.say('sessionSeen', { when: texts.time(lastSeenAtMs) });
  // A screen reader that lists buttons reads which session each of them ends.
  const names = html`id="end-${index}" aria-labelledby="end-${index} session-${index}"`;
  const end =
    token !== null &&
    html`<form method="post">
      ${tokenField(token)}<button class="quiet" type="submit" name="end" value="${handle}" ${names}>
        ${texts.say(session.isOwn ? 'logOutButton' : 'endSession')}
      </button>
    </form>`;
  return html`<li>
    <div>
      <h2 id="session-${index}">${who}</h2>
      <p>${began}</p>
      <p>${seen}</p>
    </div>
    ${end}
  </li> `;
}
