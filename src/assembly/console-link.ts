import type { ConsoleQuestion, Seen } from '../admin/console-port.ts';
import type { NodeView } from '../console/node-view.ts';
import type { WorkerConsole } from './console.ts';
import type { PrimaryLink } from './primary-link.ts';

interface Asked {
  readonly question: ConsoleQuestion;
  readonly seen: Seen;
  readonly view: NodeView;
}

/** A worker answers for the console of its primary. What comes is from the other end of this package. */
export function answerForConsole(
  link: Pick<PrimaryLink, 'answer'>,
  { desk, facts }: WorkerConsole,
): void {
  link.answer('facts', facts);
  if (desk === null) return;
  link.answer('console', (body) => {
    const { question, view } = body as Asked;
    return desk.answer(question, view);
  });
  link.answer('consoleLook', (body) => {
    const { question, seen, view } = body as Asked;
    return desk.look(question, seen, view);
  });
}
