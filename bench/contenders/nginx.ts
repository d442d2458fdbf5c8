import { findJsModule, findNginx } from '../processes/nginx-command.ts';
import { NginxProcess, type NginxTemplate } from '../processes/nginx-process.ts';
import type { ContenderKind, StartedContender } from './contender-kind.ts';
import { seatGateway } from './gateway-seat.ts';
import { mintedCookieName } from './minted-sessions.ts';
import type { Stand } from './stand.ts';

interface Recipe {
  readonly template: NginxTemplate;
  readonly controlPort: number | null;
  readonly cookieName: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly modules?: readonly string[];
}

async function startNginx(
  name: string,
  stand: Stand,
  recipe: Recipe,
  resources: AsyncDisposableStack,
): Promise<NginxProcess> {
  const command = findNginx()?.command ?? 'nginx';
  const { certificate, core, directory, scenario, signal, upstreamPort } = stand;
  const isHttp2 = scenario.protocol === 'http2';
  const shared = { command, name, directory, core, upstreamPort, certificate, isHttp2, signal };
  return resources.use(
    await NginxProcess.start({
      ...{ ...shared, workers: scenario.workers, files: {}, modules: [] },
      ...recipe,
    }),
  );
}

/** With a gateway of its own behind it, whose CPU time is its own as well. */
function askingKind(
  id: string,
  template: NginxTemplate,
  words: Pick<ContenderKind, 'title' | 'note'>,
): ContenderKind {
  return {
    ...{ id, ...words, duty: 'authenticates', refusedStatus: 401, missing: nginxMissing },
    start: async (stand, resources): Promise<StartedContender> => {
      const isInRedis = stand.scenario.isCold === true;
      const options = { name: `${id}-validate`, isInRedis, hasAccessLog: false, isEdge: false };
      const seat = await seatGateway(options, stand, resources);
      const { endedCookie, sessions, storeCalls } = seat;
      const cookieName = endedCookie.split('=')[0] ?? '';
      const { controlPort } = seat.process;
      const recipe = { template, controlPort, cookieName };
      const nginx = await startNginx(id, stand, recipe, resources);
      return {
        ...{ port: nginx.port, sessions, endedCookie, storeCalls },
        pids: [...nginx.pids, ...seat.pids],
        configuration: nginx.configuration,
      };
    },
  };
}

function nginxMissing(): string | null {
  return findNginx() === null ? 'apt-get install nginx-light' : null;
}

function jsMissing(): string | null {
  return (
    nginxMissing() ?? (findJsModule() === null ? 'apt-get install libnginx-mod-http-js' : null)
  );
}

function sessionFile({ minted }: Stand): string {
  const end = Math.floor(minted.endsAtMs / 1000);
  const entry = (identity: string, expires: number) => ({ identity, expires });
  return JSON.stringify({
    ...Object.fromEntries(minted.live.map((each) => [each.token, entry(each.identity, end)])),
    [minted.ended.token]: entry(minted.ended.identity, 1),
  });
}

export const nginxKinds: readonly ContenderKind[] = [
  {
    id: 'nginx-plain',
    title: 'NGINX without authentication',
    note: 'checks nobody: what the same forwarding costs without an identity',
    duty: 'describes',
    refusedStatus: 401,
    missing: nginxMissing,
    start: async (stand, resources) => {
      const recipe = {
        template: 'plain-proxy',
        controlPort: null,
        cookieName: mintedCookieName,
      } as const;
      const { configuration, pids, port } = await startNginx(
        'nginx-plain',
        stand,
        recipe,
        resources,
      );
      const { ended, live } = stand.minted;
      const endedCookie = ended.cookie;
      return { port, pids, configuration, sessions: live, endedCookie, storeCalls: null };
    },
  },
  askingKind('nginx-auth-request', 'auth-request', {
    title: 'NGINX, auth_request to /validate',
    note: 'both processes, NGINX and the Portcullis that it asks',
  }),
  askingKind('nginx-auth-cache', 'auth-request-cached', {
    title: 'NGINX, auth_request with proxy_cache',
    note: 'keeps a yes for a second: a session that has ended goes on for so long',
  }),
  {
    id: 'nginx-njs',
    title: 'NGINX, sessions from a file by njs',
    note: 'knows no logins and no logouts but by a reload',
    duty: 'authenticates',
    refusedStatus: 403,
    missing: jsMissing,
    start: async (stand, resources) => {
      const recipe = {
        template: 'njs-sessions',
        controlPort: null,
        cookieName: mintedCookieName,
        files: { 'sessions.json': sessionFile(stand) },
        modules: [findJsModule() ?? ''],
      } as const;
      const { configuration, pids, port } = await startNginx('nginx-njs', stand, recipe, resources);
      const { ended, live } = stand.minted;
      const endedCookie = ended.cookie;
      return { port, pids, configuration, sessions: live, endedCookie, storeCalls: null };
    },
  },
];
