import type { ConfigDraft } from './config-draft.ts';
import { asksForSessions } from './read-listener.ts';

/** A login at one worker has to be one at all of them. */
export function checkWorkers(draft: ConfigDraft): void {
  checkWatch(draft);
  checkStore(draft);
}

/** One process has nobody who takes over from it. */
function checkWatch({ part, reload, top }: ConfigDraft): void {
  if (top?.value.workers !== 1 || reload?.value.watch !== true) return;
  const message = 'is true beside workers: 1, where nobody takes over';
  part.document.problems.add(['reload', 'watch'], message, 'expected workers: 2 or more, or auto');
}

function checkStore({ part, top, sessions, listeners }: ConfigDraft): void {
  if (top === undefined || sessions === undefined || !top.isSound('workers')) return;
  const { workers } = top.value;
  // `auto` may be one on this machine, but a file that is right here has to be right elsewhere.
  if (workers === 1 || !isOfOneProcess(sessions.store.type)) return;
  if (!listeners.some(({ routes }) => asksForSessions(routes))) return;
  const message = `is ${workers}, but sessions in memory are known to one process`;
  const expected = 'expected 1, or sessions.store with a type that workers share: sqlite or redis';
  part.document.problems.add(['workers'], message, expected);
}

function isOfOneProcess(storeType: string): boolean {
  return storeType === 'memory';
}
