import type { ConsolePort } from '../admin/console-port.ts';
import { AdminServer, type AdminParts } from '../admin/admin-server.ts';
import { formatAddress } from '../config/address.ts';
import { nextRequestId } from '../gateway/request-id.ts';
import { listenFailure } from '../lifecycle/listen-failure.ts';
import type { Service } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';

/** The operators' port as a service. */
export function createAdmin({
  desk,
  ...parts
}: Omit<AdminParts, 'onFault' | 'desk'> & {
  readonly desk: ConsolePort | null;
  readonly log: Log;
}): Service {
  const { config, log } = parts;
  const server = new AdminServer({
    ...parts,
    desk: desk && { desk, createRequestId: nextRequestId },
    onFault: (error) => log.error('admin.failed', errorFields(error)),
  });
  return {
    name: server.name,
    start: async () => {
      try {
        await server.start();
        log.info('admin.ready', { address: formatAddress({ ...config, port: server.port }) });
      } catch (error) {
        throw new Error(listenFailure(formatAddress(config), error), { cause: error });
      }
    },
    stop: () => server.stop(),
  };
}
