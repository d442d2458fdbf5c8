import type { ConsoleState, SessionState } from './console-state.ts';
import { table } from './console-tables.ts';
import type { ConsoleTexts } from './console-texts.ts';
import { html, type Markup, type Slot } from './html.ts';

/** The form that every button here belongs to; it is outside, so that what changes holds no token. */
export const endFormId = 'end-form';

const rowsPerPage = 50;

export function sessionsSection(state: ConsoleState, texts: ConsoleTexts): Markup {
  const { sessions } = state;
  const columns = (
    ['user', 'from', 'since', 'seen', 'node', 'streamsColumn', 'actions'] as const
  ).map((name) => texts.say(name));
  return html`${
    sessions.shown.length === 0
      ? html`<p class="faint">${texts.say('ofNobody')}</p>`
      : table(
          texts.say('sessions'),
          columns,
          sessions.shown.map((session) => rowOf(session, state, texts)),
        )
  }
  ${pagerOf(state, texts)}`;
}

function rowOf(session: SessionState, state: ConsoleState, texts: ConsoleTexts): readonly Slot[] {
  const { actor, address, directory, node, role, streams, user } = session;
  return [
    html`<a href="?user=${encodeURIComponent(user)}">${user}</a>
      <span class="faint">${role} · ${directory}</span>
      ${session.own && html` <span class="pill good">${texts.say('own')}</span>`}
      ${actor !== null && html` <span class="pill fair">${texts.say('actedFor', { actor })}</span>`}`,
    address ?? '–',
    timeOf(session.since, texts.moment(session.since, state.at)),
    timeOf(session.lastSeen, texts.ago(session.lastSeen, state.at)),
    node ?? '–',
    streams === 0 ? '–' : texts.number(streams),
    actionsOf(session, state, texts),
  ];
}

function timeOf(at: string, text: string): Markup {
  return html`<time datetime="${at}" title="${at}">${text}</time>`;
}

function actionsOf(session: SessionState, state: ConsoleState, texts: ConsoleTexts): Slot {
  if (session.protected) return '–';
  const { address, directory, session: handle, user } = session;
  const { impersonation, sessions } = state;
  // What is about a user stands once, wherever that may be next.
  const about = `${directory}-${encodeURIComponent(user)}`;
  const isFirst =
    session === sessions.shown.find((one) => one.user === user && one.directory === directory);
  const isOther = user !== state.staff.user || directory !== state.staff.directory;
  return html`<span class="actions">
    ${button(`end-${handle}`, `${handle} ${directory} ${user}`, texts.say('end'), texts.say('endThis', { user, from: address ?? '?' }))}
    ${
      isFirst &&
      button(
        `all-${about}`,
        `all ${directory} ${user}`,
        texts.say('endAll'),
        texts.say('endAllOf', { user }),
      )
    }
    ${
      isFirst &&
      isOther &&
      impersonation.possible &&
      html`<a
        class="button"
        id="act-${about}"
        href="${impersonation.url}${encodeURIComponent(user)}"
        target="_blank"
        rel="noopener"
        aria-label="${texts.say('actForUser', { user })}"
        >${texts.say('actFor')}</a
      >`
    }
  </span>`;
}

function button(id: string, value: string, text: string, label: string): Markup {
  return html`<button
    id="${id}"
    type="submit"
    form="${endFormId}"
    name="end"
    value="${value}"
    aria-label="${label}"
  >
    ${text}
  </button>`;
}

function pagerOf({ impersonation, sessions }: ConsoleState, texts: ConsoleTexts): Markup {
  const { hasMore, skip } = sessions;
  const note = impersonation.possible ? 'actingWorks' : impersonation.reason;
  return html`${
      (skip > 0 || hasMore) &&
      html`<p class="pager">
        ${skip > 0 && html`<a href="?skip=${Math.max(0, skip - rowsPerPage)}">${texts.say('earlier')}</a>`}
        ${hasMore && html`<a href="?skip=${skip + rowsPerPage}">${texts.say('more')}</a>`}
      </p>`
    }
    <p class="faint note">${texts.say(note)}</p>`;
}
