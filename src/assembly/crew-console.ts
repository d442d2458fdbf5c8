import type { ConsolePort, Look } from '../admin/console-port.ts';
import { NodeWatch } from '../console/node-watch.ts';
import { isWorkerFacts } from '../console/worker-facts.ts';
import type { Reply } from '../http/reply.ts';
import { systemClock } from '../lib/clock.ts';
import type { Service } from '../lifecycle/service.ts';
import type { AskedWorker } from './ask-workers.ts';
import { consoleFailed } from './console.ts';
import { crewUpstreams } from './crew-upstreams.ts';

/** A worker that does not answer by then is left out of this look. */
const FACTS_MS = 1_000;
/** A login may have to wait for the hashing pool, and the end of sessions for a silent node. Nothing is done twice. */
const actPatience = { askedMax: 1, timeoutMs: 70_000 };
/** Together less than the console's door waits. */
const readPatience = { askedMax: 2, timeoutMs: 35_000 };
const lookPatience = { askedMax: 3, timeoutMs: 5_000 };

/**
 * The console of a primary: it holds the port and knows all of its workers; one of them, which has the sessions, makes the
 * answers. Only what may be asked twice is: an order goes to one worker.
 */
export function crewConsole(crew: { readonly serving: readonly AskedWorker[] }): {
  readonly port: ConsolePort;
  readonly service: Service;
} {
  const watch = new NodeWatch({
    facts: async () => {
      const asked = crew.serving.map(({ link }) => link.ask('facts', null, FACTS_MS));
      return (await Promise.all(asked)).filter(isWorkerFacts);
    },
    upstreams: () => crewUpstreams(crew),
    clock: systemClock,
  });
  let lastOne: AskedWorker['link'] | null = null;
  /** Of several, the one that answered last is asked first: one that hangs costs one question its patience. */
  const ask = async <T>(
    topic: string,
    body: object,
    isAnswer: (value: unknown) => value is T,
    { askedMax, timeoutMs }: { readonly askedMax: number; readonly timeoutMs: number },
  ): Promise<T | null> => {
    const links = crew.serving.map(({ link }) => link);
    const ordered = links.toSorted((a, b) => Number(b === lastOne) - Number(a === lastOne));
    for (const link of ordered.slice(0, askedMax)) {
      const answer = await link.ask(topic, { ...body, view: watch.view }, timeoutMs);
      if (isAnswer(answer)) {
        lastOne = link;
        return answer;
      }
      if (lastOne === link) lastOne = null;
    }
    return null;
  };
  return {
    port: {
      answer: async (question) => {
        const isRead = question.method !== 'POST';
        const patience = isRead ? readPatience : actPatience;
        return (await ask('console', { question }, isReply, patience)) ?? consoleFailed;
      },
      look: async (question, seen) =>
        (await ask('consoleLook', { question, seen }, isLook, lookPatience)) ?? {
          kind: 'unavailable',
        },
    },
    service: { name: 'console', start: () => watch.start(), stop: () => watch.stop() },
  };
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'status' in value && 'fields' in value;
}

function isLook(value: unknown): value is Look {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
