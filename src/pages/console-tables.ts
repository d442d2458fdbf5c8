import type { ConsoleState, UpstreamState } from './console-state.ts';
import type { ConsoleTexts } from './console-texts.ts';
import { html, type Markup, type Slot } from './html.ts';

/** A table that becomes a list where there is no room for it: each cell then says what it is. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly Slot[])[],
): Markup {
  return html`<table>
    <caption class="hidden">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map((column) => html`<th scope="col">${column}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (cells) =>
          html`<tr>
            ${cells.map((cell, index) => html`<td data-label="${columns[index]}"><div>${cell}</div></td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const good: ReadonlySet<string> = new Set(['up', 'coherent', 'alone']);
const bad: ReadonlySet<string> = new Set(['isolated', 'unhealthy', 'open', 'out', 'unknown']);

/** A state is a word; its colour says no more than the word does. */
function pill(state: string): Markup {
  const kind = good.has(state) ? 'good' : bad.has(state) ? 'bad' : 'fair';
  return html`<span class="pill ${kind}">${state}</span>`;
}

export function nodesSection({ node: own, nodes }: ConsoleState, texts: ConsoleTexts): Markup {
  const columns = (
    ['node', 'worker', 'lease', 'members', 'served', 'streamsColumn', 'cached'] as const
  ).map((name) => texts.say(name));
  return html`<h2>${texts.say('nodes')}</h2>
    ${table(
      texts.say('nodes'),
      columns,
      nodes.map((node) => [
        node.node === own ? html`<strong>${node.node}</strong>` : node.node,
        `${String(node.worker)} (${String(node.pid)})`,
        pill(node.state),
        node.members === 0 ? '–' : node.members,
        texts.number(node.requests),
        texts.number(node.streams),
        texts.number(node.cachedSessions),
      ]),
    )}`;
}

export function upstreamsSection({ upstreams }: ConsoleState, texts: ConsoleTexts): Markup {
  const columns = (['upstream', 'server', 'state', 'inFlight', 'served', 'failures'] as const).map(
    (name) => texts.say(name),
  );
  const rows = upstreams.flatMap((upstream) =>
    upstream.servers.map((server) => rowOf(upstream, server, texts)),
  );
  return html`<h2>${texts.say('upstreams')}</h2>
    ${rows.length === 0 ? html`<p class="faint">${texts.say('none')}</p>` : table(texts.say('upstreams'), columns, rows)}`;
}

function rowOf(
  { name }: UpstreamState,
  { address, failures, inFlight, requests, server, state }: UpstreamState['servers'][number],
  texts: ConsoleTexts,
): readonly Slot[] {
  const where = server === address ? server : `${server} (${address})`;
  const failed = Object.entries(failures).map(([kind, count]) => `${kind} ${texts.number(count)}`);
  return [
    name,
    where,
    pill(state),
    texts.number(inFlight),
    texts.number(requests),
    failed.length === 0 ? '–' : failed.join(', '),
  ];
}
