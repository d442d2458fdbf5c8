import type { ConsolePort, Look } from '../admin/console-port.ts';
import { NodeWatch } from '../console/node-watch.ts';
import { isWorkerFacts } from '../console/worker-facts.ts';
import type { Reply } from '../http/reply.ts';
import { systemClock } from '../lib/clock.ts';
import type { Crew } from '../lifecycle/crew.ts';
import type { Service } from '../lifecycle/service.ts';
import { consoleFailed } from './console.ts';
import { crewUpstreams } from './crew-upstreams.ts';

/** A worker that does not answer by then is left out of this look. */
const FACTS_MS = 1_000;
/** A login may have to wait for the hashing pool, and the end of sessions for a silent node. */
const ANSWER_MS = 70_000;
const LOOK_MS = 5_000;

/**
 * The console of a primary: it holds the port and knows all of its workers; one of them, which has the sessions, makes the
 * answers. Only what may be asked twice is: an order goes to one worker.
 */
export function crewConsole(crew: Pick<Crew, 'serving'>): {
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
  const ask = async (topic: string, body: object, timeoutMs: number): Promise<unknown> => {
    const [worker] = crew.serving;
    return (await worker?.link.ask(topic, { ...body, view: watch.view }, timeoutMs)) ?? null;
  };
  return {
    port: {
      answer: async (question) => {
        const reply = await ask('console', { question }, ANSWER_MS);
        return isReply(reply) ? reply : consoleFailed;
      },
      look: async (question, seen) => {
        const look = await ask('consoleLook', { question, seen }, LOOK_MS);
        return isLook(look) ? look : { kind: 'unavailable' };
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
