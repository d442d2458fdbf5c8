import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';
import { ControlServer } from '../admin/control-server.ts';
import type { Config } from '../config/config.ts';
import { controlSocketPath } from '../config/control.ts';
import type { Service } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';

/** The operators' socket as a service. Null: there is to be none. */
export function createControl(
  config: Config,
  log: Log,
  perform: (order: ControlOrder) => Promise<ControlAnswer>,
): Service | null {
  const path = controlSocketPath(config.control, config.path, process.getuid?.() ?? 0);
  if (path === null) return null;
  const onFault = (error: unknown): void => log.error('control.failed', errorFields(error));
  const server = new ControlServer({ path, perform, onFault });
  return {
    name: server.name,
    start: async () => {
      try {
        await server.start();
        log.debug('control.ready', { path });
      } catch (error) {
        const sentence = error instanceof Error ? error.message : String(error);
        // Nobody asked for the usual place: a gateway that serves is worth more than its socket.
        if (config.control.socket === null) log.warn('control.unavailable', { detail: sentence });
        else throw new Error(`No control socket: ${sentence}.`, { cause: error });
      }
    },
    stop: () => server.stop(),
  };
}
