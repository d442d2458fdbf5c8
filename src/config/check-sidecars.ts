import type { ConfigDraft } from './config-draft.ts';
import type { ListenerDraft } from './read-listener.ts';
import { suggestion } from './read-options.ts';

/** Reports sidecars that decide as nobody, whom nobody may ask, or that share a path. */
export function checkSidecars({ part, listeners }: ConfigDraft): void {
  const { problems } = part.document;
  const names = listeners.map((listener) => listener.name);
  for (const listener of listeners) {
    const { options } = listener;
    if (options === undefined || !options.isSound('sidecars', 'trustedPeers')) continue;
    const { sidecars, trustedPeers } = options.value;
    if (sidecars.length > 0 && trustedPeers.length === 0) {
      const expected = 'expected the addresses of the proxies that ask, such as 127.0.0.1/32';
      const message = 'is missing, so that nobody may ask the sidecars';
      problems.add([...listener.part.path, 'trustedPeers'], message, expected);
    }
    for (const [index, { decidesAs }] of sidecars.entries()) {
      const path = [...listener.part.path, 'sidecars', index];
      const word = JSON.stringify(decidesAs);
      const others = names.filter((name) => name !== listener.name);
      if (decidesAs === listener.name) {
        const message = `is ${word}, the listener where proxies ask`;
        problems.add([...path, 'decidesAs'], message, 'expected the listener of the clients');
      } else if (!others.includes(decidesAs)) {
        const message = `is ${word}, which is no listener`;
        problems.add([...path, 'decidesAs'], message, suggestion(decidesAs, others));
      }
    }
    checkPaths(listener, part.document.problems);
  }
}

/** No path of one is below that of another, whichever comes first. */
function checkPaths(
  { options, part }: ListenerDraft,
  problems: ConfigDraft['part']['document']['problems'],
): void {
  const sidecars = options?.value.sidecars ?? [];
  for (const [index, { path }] of sidecars.entries()) {
    const isTaken = sidecars
      .slice(0, index)
      .some(
        (other) =>
          `${path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${path}/`),
      );
    if (!isTaken) continue;
    const message = `is ${JSON.stringify(path)}, which an earlier sidecar has, or a part of it`;
    problems.add([...part.path, 'sidecars', index, 'path'], message, 'expected a path of its own');
  }
}
