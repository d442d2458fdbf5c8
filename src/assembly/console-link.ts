import type { ConsoleQuestion, Seen } from '../admin/console-port.ts';
import type { Console } from '../console/console.ts';
import type { NodeView } from '../console/node-view.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import type { PrimaryLink } from './primary-link.ts';

interface Asked {
  readonly question: ConsoleQuestion;
  readonly seen: Seen;
  readonly view: NodeView;
}

/** A worker answers for the console of its primary. What comes is from the other end of this package. */
export function answerForConsole(
  link: Pick<PrimaryLink, 'answer'>,
  {
    desk,
    facts,
  }: {
    readonly desk: Pick<Console, 'answer' | 'look'> | null;
    readonly facts: () => unknown;
  },
  log: Pick<Log, 'error'>,
): void {
  link.answer('facts', facts);
  if (desk === null) return;
  /** The primary then asks another worker, where it may. */
  const orNull = async <T>(answer: () => Promise<T>): Promise<T | null> => {
    try {
      return await answer();
    } catch (error) {
      log.error('console.failed', errorFields(error));
      return null;
    }
  };
  link.answer('console', (body) => {
    const { question, view } = body as Asked;
    return orNull(() => desk.answer(question, view));
  });
  link.answer('consoleLook', (body) => {
    const { question, seen, view } = body as Asked;
    return orNull(() => desk.look(question, seen, view));
  });
}
