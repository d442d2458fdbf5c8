import * as z from 'zod';
import { formatAddress, serverAddress, serverExpected, type ServerAddress } from './address.ts';
import { flag, optionBlock, wholeNumber } from './kinds.ts';
import { partAt, readOptions, type Part } from './read-options.ts';

/** One server of an upstream, as the file has it. */
export interface ServerConfig extends ServerAddress {
  readonly weight: number;
  /** Asked only where no other can be. */
  readonly isBackup: boolean;
}

const serverBlock = optionBlock({
  address: serverAddress().describe('Where it is, as in a list of addresses. No default.'),
  weight: wholeNumber({ min: 1, max: 1_000 })
    .default(1)
    .describe(
      'Its share of the requests, 1 to 1000: one with weight 3 gets three times what one with ' +
        'weight 1 gets. Default 1.',
    ),
  backup: flag()
    .default(false)
    .describe('Whether it is asked only while none of the others can be. Default false.'),
});

const entryExpected = `${serverExpected}, or a block of address, weight and backup`;

export const serverEntry = z.union([serverAddress(), serverBlock], { error: entryExpected });

/** The same, with the block still to be read. */
export const serverItem = z.union([serverAddress(), z.record(z.string(), z.unknown())], {
  error: entryExpected,
});

type ServerItem = z.output<typeof serverItem>;

/** Those that could be read; the others have had their problems said. */
export function readServers(items: readonly ServerItem[], part: Part): readonly ServerConfig[] {
  return items.flatMap((item, index): readonly ServerConfig[] => {
    if (isAddress(item, partAt(part, index))) return [{ ...item, weight: 1, isBackup: false }];
    const options = readOptions(serverBlock, partAt(part, index));
    if (options === undefined) return [];
    const { address, backup, weight } = options.value;
    return [{ ...address, weight, isBackup: backup }];
  });
}

export function checkServers(servers: readonly ServerConfig[], part: Part): void {
  const { problems } = part.document;
  const seen = new Set<string>();
  for (const [index, server] of servers.entries()) {
    const name = serverName(server);
    if (seen.has(name)) {
      const message = `is ${name} a second time`;
      problems.add([...part.path, index], message, 'expected each server once');
    }
    seen.add(name);
  }
  if (servers.length > 0 && servers.every((server) => server.isBackup)) {
    problems.add(part.path, 'are all backups', 'expected at least one that is not');
  }
}

/** As logs, metrics and operators read it. */
export function serverName(server: ServerAddress): string {
  return server.socketPath === null ? formatAddress(server) : `unix:${server.socketPath}`;
}

/** What was written as text has been made an address. */
function isAddress(_item: ServerItem, { raw }: Part): _item is ServerAddress {
  return typeof raw === 'string';
}
