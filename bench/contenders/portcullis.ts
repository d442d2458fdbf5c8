import { spawnSync } from 'node:child_process';
import type { ContenderKind, StartedContender } from './contender-kind.ts';
import { type GatewaySeat, type GatewaySeatOptions, seatGateway } from './gateway-seat.ts';

function started(seat: GatewaySeat, port: number, path?: string): StartedContender {
  const { configuration, endedCookie, pids, sessions, storeCalls } = seat;
  return {
    ...{ port, pids, sessions, endedCookie, configuration, storeCalls },
    ...(path !== undefined && { path }),
  };
}

const common = { duty: 'authenticates', refusedStatus: 401, note: null } as const;

function edge(
  id: string,
  title: string,
  options: Pick<GatewaySeatOptions, 'isInRedis' | 'hasAccessLog'>,
): Omit<ContenderKind, 'missing'> {
  return {
    ...{ ...common, id, title },
    start: async (stand, resources) => {
      const seat = await seatGateway({ name: id, isEdge: true, ...options }, stand, resources);
      return started(seat, seat.process.edgePort);
    },
  };
}

const isThere = (): null => null;

let hasRedis: boolean | undefined;

function redisMissing(): string | null {
  const binary = process.env['PORTCULLIS_REDIS_SERVER'] ?? 'redis-server';
  hasRedis ??= spawnSync(binary, ['--version']).status === 0;
  return hasRedis ? null : 'apt-get install redis-server';
}

const inMemory = { isInRedis: false, hasAccessLog: false };

export const portcullisKinds: readonly ContenderKind[] = [
  { ...edge('portcullis', 'Portcullis', inMemory), missing: isThere },
  {
    ...edge('portcullis-redis', 'Portcullis, sessions in Redis', {
      isInRedis: true,
      hasAccessLog: false,
    }),
    note: 'answers from its own memory under a lease; the CPU time of Redis is not in it',
    missing: redisMissing,
  },
  {
    ...edge('portcullis-access-log', 'Portcullis, access log on', {
      isInRedis: false,
      hasAccessLog: true,
    }),
    missing: isThere,
  },
  {
    ...edge('portcullis-accepted', 'Portcullis, beside it with real tokens', inMemory),
    missing: isThere,
  },
  {
    ...common,
    id: 'validate',
    title: 'Portcullis, /validate alone',
    note: 'forwards nothing: the half of auth_request that is ours',
    duty: 'validates',
    missing: isThere,
    start: async (stand, resources) => {
      const options = { name: 'validate', isEdge: false, ...inMemory };
      const seat = await seatGateway(options, stand, resources);
      return started(seat, seat.process.controlPort, '/validate');
    },
  },
];
