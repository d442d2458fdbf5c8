import type { ConfigDraft } from './config-draft.ts';
import { suggestion } from './read-options.ts';

/** The limits that routes name have to exist, and to fit what the route knows of its clients. */
export function checkRateLimits({ part, listeners, rateLimits }: ConfigDraft): void {
  const { problems } = part.document;
  const names = rateLimits.map((limit) => limit.name);
  for (const { config, options } of listeners.flatMap((listener) => listener.routes)) {
    for (const [index, name] of options.value.rateLimits.entries()) {
      const path = [...options.path, 'rateLimits', index];
      const limit = rateLimits.find((one) => one.name === name);
      if (limit === undefined) {
        const message = `is ${JSON.stringify(name)}, which is no rate limit`;
        problems.add(path, message, suggestion(name, names));
      } else if (options.value.rateLimits.indexOf(name) < index) {
        problems.add(path, `is ${JSON.stringify(name)} again`, 'expected each limit once');
      }
      const by = limit?.config?.key.by;
      if (
        (by === 'user' || by === 'session') &&
        (config?.auth === 'none' || config?.auth === 'token-cache')
      ) {
        const message = `is ${JSON.stringify(name)}, which is by ${by}, and nobody has to log in here`;
        problems.add(path, message, 'expected a limit by address or header');
      }
    }
  }
}
