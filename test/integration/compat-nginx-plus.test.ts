import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../support/free-ports.ts';
import { Front } from '../support/front.ts';
import { projectRoot } from '../support/gateway.ts';
import { directivesOf, type Directive } from '../support/nginx-directives.ts';
import { ask, type RawResponse } from '../support/raw-client.ts';
import { RecordingUpstream, respond } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';

const folder = join(projectRoot, 'compat-nginx/plus');
const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

/** What only NGINX Plus has, and where it may stand (nginx.org, as of version 1.29). */
const plusOnly: Readonly<Record<string, readonly string[]>> = {
  api: ['http server location'],
  keyval: ['http'],
  keyval_zone: ['http'],
  status_zone: ['http server', 'http server location'],
  zone_sync: ['stream server'],
  zone_sync_interval: ['stream server'],
  zone_sync_server: ['stream server'],
  zone_sync_timeout: ['stream server'],
};
/** The rest of the stream side, which Debian's package without its stream module cannot judge. */
const streamSide = new Set(['server', 'listen', 'resolver']);

const secret = 'a key for signing that is long enough';

/** The files of the tiers as they are, with ports of ours, and a variable where Plus has keyval. */
async function startTiers(parts: {
  readonly apiPort: number;
  /** Null: the shipped one. */
  readonly tokenServicePort: number | null;
  readonly secret?: string;
}): Promise<Front> {
  const [proxy = 0, tokens = 0] = await freePorts(2);
  const tokenService = parts.tokenServicePort ?? tokens;
  const main = (await read('main.conf'))
    .replace('load_module modules/', 'load_module /usr/lib/nginx/modules/')
    .replace('pid /run/nginx.pid;', 'pid {folder}/nginx.pid;\ndaemon off;\nworker_processes 1;')
    .replace('worker_processes auto;', '')
    .replace('include /etc/nginx/tier/http.conf;', 'include {folder}/tier/*.conf;')
    .replace(/\nstream \{[^}]*\}/, '')
    .replace('access_log /dev/stdout', 'access_log {folder}/access.log')
    .replace('error_log /dev/stderr info;', 'error_log stderr info;');
  const withoutPlus = (text: string): string =>
    text
      .replace('keyval $token_key $token zone=tokens;', 'js_var $token $http_x_test_cached;')
      .replaceAll(/^ *(?:keyval_zone|status_zone|api) [^;]*;$/gm, '')
      .replaceAll('/etc/nginx/tier', '{folder}/tier');
  const files = {
    'nginx.conf': main,
    'tier/proxy.conf': withoutPlus(await read('proxy.conf'))
      .replace('listen 80;', `listen 127.0.0.1:${String(proxy)};`)
      .replace('server tokens:80;', `server 127.0.0.1:${String(tokenService)};`)
      .replace('server api:80;', `server 127.0.0.1:${String(parts.apiPort)};`),
    'tier/token-service.conf': withoutPlus(await read('token-service.conf')).replace(
      'listen 80;',
      `listen 127.0.0.1:${String(tokens)};`,
    ),
    'tier/tokens.js': await read('tokens.js'),
    'tier/token-service.js': await read('token-service.js'),
  };
  return await Front.start(
    'nginx',
    proxy,
    files,
    (place) => ['nginx', '-p', place, '-e', 'stderr', '-c', join(place, 'nginx.conf')],
    { TOKEN_SIGNING_KEY: parts.secret ?? secret },
  );
}

const get = (front: Front, ...lines: string[]): Promise<RawResponse> =>
  ask(front.port, request('GET', '/x', lines));

describe('the njs of the NGINX Plus configuration, under Debian’s', () => {
  const stack = new AsyncDisposableStack();
  let api: RecordingUpstream;
  let service: RecordingUpstream;
  /** With the shipped token service, and with one by script. */
  let whole: Front;
  let scripted: Front;
  beforeAll(async () => {
    api = stack.use(await RecordingUpstream.start());
    service = stack.use(await RecordingUpstream.start());
    whole = stack.use(await startTiers({ apiPort: api.port, tokenServicePort: null }));
    scripted = stack.use(await startTiers({ apiPort: api.port, tokenServicePort: service.port }));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  it('brings a signed token for the key to the API, whatever the client says', async () => {
    const lines = ['Remote-User: us:er%1', 'X-Forwarded-For: 10.0.0.7', 'User-Agent: curl/8 (x)'];
    expect((await get(whole, ...lines, 'X-Authkey: mine')).status).toBe(200);
    const [token = '', ...more] = api.requests.at(-1)?.values('x-authkey') ?? [];
    expect(more).toEqual([]);
    const [head = '', claims = '', signature = ''] = token.split('.');
    expect(signature).toBe(
      createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url'),
    );
    const said: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    expect(said).toMatchObject({ sub: 'us%3Aer%251:10.0.0.7:curl/8%20(x)' });
  });

  it('signs nothing without a key', async () => {
    await using unsigned = await startTiers({
      apiPort: api.port,
      tokenServicePort: null,
      secret: 'short',
    });
    const before = api.requests.length;
    expect((await get(unsigned, 'Remote-User: user1')).status).toBe(500);
    expect(api.requests).toHaveLength(before);
  });

  it('uses what is kept, and asks nobody', async () => {
    const before = service.requests.length;
    const kept = ['Remote-User: user1', 'X-Test-Cached: a-token-that-is-kept'];
    expect((await get(scripted, ...kept)).status).toBe(200);
    expect(api.requests.at(-1)?.values('x-authkey')).toEqual(['a-token-that-is-kept']);
    expect(service.requests).toHaveLength(before);
  });

  it.each(['0', 'short', '123456789'])('is blocked by a kept %j', async (kept) => {
    const before = api.requests.length;
    const response = await get(scripted, 'Remote-User: user1', `X-Test-Cached: ${kept}`);
    expect(response.status).toBe(403);
    expect(api.requests).toHaveLength(before);
  });

  it.each([[[]], [['Remote-User: a']], [['Remote-User:']]])('refuses %j', async (lines) => {
    const before = [api.requests.length, service.requests.length];
    expect((await get(scripted, ...lines)).status).toBe(403);
    expect([api.requests.length, service.requests.length]).toEqual(before);
  });

  const expired = `e30.${Buffer.from('{"exp":1}').toString('base64url')}.c2ln`;
  it.each([
    ['an error', respond(500, [], 'internal error of ten and more'), 500],
    ['an error page', respond(200, [], '<html><body>It is down</body></html>'), 500],
    ['nothing', respond(200), 500],
    ['too little', respond(200, [], '123456789'), 500],
    ['too much', respond(200, [], 'x'.repeat(5_000)), 500],
    ['a token that has expired', respond(200, [], expired), 500],
    ['a redirect', respond(302, [['Location', '/']], 'a-token-it-seems'), 500],
    ['401', respond(401, [['WWW-Authenticate', 'Basic realm="t"']]), 401],
    ['403', respond(403), 403],
  ])('takes %s for no token', async (_what, answer, status) => {
    service.answer = answer;
    const before = api.requests.length;
    const response = await get(scripted, 'Remote-User: user1');
    expect(response.status).toBe(status);
    expect(response.value('www-authenticate')).toBe(status === 401 ? 'Basic realm="t"' : undefined);
    expect(api.requests).toHaveLength(before);
  });

  it('asks the service with the key alone', async () => {
    service.answer = respond(200, [], 'a-fresh-token\n');
    const lines = ['Remote-User: user1', 'X-Userinfo: root', 'Cookie: a=1'];
    const bytes = request('POST', '/x', [...lines, 'Content-Length: 3'], 'abc');
    expect((await ask(scripted.port, bytes)).status).toBe(200);
    const asked = service.requests.at(-1);
    expect(asked?.values('x-userinfo')).toEqual(['user1::']);
    expect([asked?.method, asked?.body.length, asked?.values('cookie')]).toEqual(['GET', 0, []]);
    expect(api.requests.at(-1)?.values('x-authkey')).toEqual(['a-fresh-token']);
    expect(api.requests.at(-1)?.body.toString()).toBe('abc');
  });

  it('is not to be called from outside', async () => {
    for (const path of ['/token-check', '/token-service']) {
      expect((await ask(scripted.port, request('GET', path))).status).toBe(404);
    }
  });
});

describe('the NGINX Plus configuration', () => {
  const files = ['main', 'balancer', 'proxy', 'zone_sync', 'token-service', 'api'];
  let directives: ReadonlyMap<string, readonly Directive[]>;
  beforeAll(async () => {
    const read1 = async (name: string): Promise<[string, readonly Directive[]]> => {
      const around = name === 'main' ? [] : name === 'zone_sync' ? ['stream'] : ['http'];
      return [name, directivesOf(await read(`${name}.conf`), around)];
    };
    directives = new Map(await Promise.all(files.map(read1)));
  });
  const all = (): Directive[] => [...directives.values()].flat();
  const argsOf = (name: string): string[] =>
    all()
      .filter((directive) => directive.name === name)
      .map(({ args }) => args.join(' '));

  it('has Plus’s own directives only where they may stand', () => {
    const used = all().filter(({ name }) => Object.hasOwn(plusOnly, name));
    expect(used.length).toBeGreaterThan(10);
    for (const { name, context } of used) expect(plusOnly[name]).toContain(context.join(' '));
    expect(new Set(used.map(({ name }) => name))).toEqual(new Set(Object.keys(plusOnly)));
    for (const { name } of directives.get('zone_sync') ?? []) {
      expect(streamSide.has(name) || Object.hasOwn(plusOnly, name), name).toBe(true);
    }
  });

  it('has directives that NGINX knows everywhere else', async () => {
    // The other two run above.
    const api = await freePorts(2);
    const text = async (name: string, port: number | undefined): Promise<string> =>
      (await read(name))
        .replaceAll(/^ *status_zone [^;]*;$/gm, '')
        .replace('listen 80;', `listen 127.0.0.1:${String(port)};`)
        .replace(/server proxy([12]):80/g, 'server 127.0.0.$1:80');
    const main = (await read('main.conf'))
      .replace(/^load_module.*$/m, '')
      .replace('pid /run/nginx.pid;', 'pid {folder}/nginx.pid;\ndaemon off;')
      .replace('include /etc/nginx/tier/http.conf;', 'include {folder}/tier/*.conf;')
      .replace(/\nstream \{[^}]*\}/, '')
      .replace('access_log /dev/stdout', 'access_log {folder}/access.log')
      .replace('error_log /dev/stderr info;', 'error_log stderr info;');
    await using front = await Front.start(
      'nginx',
      api[0] ?? 0,
      {
        'nginx.conf': main,
        'tier/api.conf': await text('api.conf', api[0]),
        'tier/balancer.conf': await text('balancer.conf', api[1]),
      },
      (place) => ['nginx', '-p', place, '-e', 'stderr', '-c', join(place, 'nginx.conf')],
    );
    const response = await ask(front.port, request('GET', '/anything'));
    expect([response.status, response.text()]).toEqual([200, 'Hello from API server\n']);
    const log = await readFile(join(front.folder, 'access.log'), 'utf8');
    expect(log).toMatch(
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/anything HTTP\/1\.1" 200 22 "-" "" "-" "-" "a" sn="api" rt=\d+\.\d{3} ua="-" us="-" ut="-" ul="-" cs=- [0-9a-f]{32}\n$/,
    );
  });

  it('names zones, upstream groups, functions, files and services that are there', async () => {
    const [zone = ''] = argsOf('keyval_zone');
    expect(zone).toMatch(/^zone=tokens:64k timeout=300s sync$/);
    expect(argsOf('keyval')).toEqual(['$token_key $token zone=tokens']);
    const groups = argsOf('upstream');
    for (const target of argsOf('proxy_pass')) {
      expect(groups).toContain(/^http:\/\/([^/]+)/.exec(target)?.[1]);
    }
    for (const server of argsOf('zone_sync_server')) expect(server).toMatch(/^proxy[12]:9000$/);
    expect(directives.get('zone_sync')?.find(({ name }) => name === 'listen')?.args).toEqual([
      '9000',
    ]);
    const imports = argsOf('js_import').map((text) => text.split(' from '));
    const exported = new Map<string, readonly string[]>();
    for (const [name = '', file = ''] of imports) {
      const names = /export default \{ ([^}]+) \};/.exec(await read(file))?.[1]?.split(', ');
      exported.set(name, names ?? []);
    }
    const called = [
      ...argsOf('js_content'),
      ...argsOf('js_set').map((text) => text.split(' ')[1] ?? ''),
    ];
    expect(called.length).toBe(3);
    for (const call of called) {
      const [module = '', name] = call.split('.');
      expect(exported.get(module)).toContain(name);
    }
    // Internal places and variables of the script.
    const script = await read('tokens.js');
    const asked = /subrequest\('([^']+)'\)/.exec(script)?.[1];
    expect(argsOf('location')).toContain(`= ${asked}`);
    expect(argsOf('auth_request').map((path) => `= ${path}`)).toEqual(
      argsOf('location').filter((path) => path === '= /token-check'),
    );
    for (const [, name] of script.matchAll(/r\.variables\.(\w+)/g)) {
      expect([...argsOf('keyval'), ...argsOf('js_var')].join(' ').split(' ')).toContain(
        `$${name ?? ''}`,
      );
    }
    const [env] = argsOf('env');
    expect(await read('token-service.js')).toContain(`process.env.${env ?? ''}`);
  });

  it('is what the Compose file mounts, all of it', async () => {
    const compose = parse(await read('docker-compose.yml'), { merge: true }) as {
      services: Record<string, { volumes: string[]; ports?: string[] }>;
    }; // a file of ours
    const mounted = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes)
      .map((volume) => volume.split(':')[0]?.slice(2) ?? '');
    for (const file of mounted) expect(existsSync(join(folder, file)), file).toBe(true);
    const shipped = (await readdir(folder)).filter((name) => /\.(?:conf|js)$/.test(name));
    expect(new Set(mounted)).toEqual(new Set(shipped));
    const hosts = all()
      .filter(({ name, context }) => name === 'server' && context.at(-1) === 'upstream')
      .map(({ args }) => args[0]?.split(':')[0]);
    for (const host of hosts) expect(Object.keys(compose.services)).toContain(host);
    const main = await read('main.conf');
    const places = Object.values(compose.services).flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(':')[1] ?? ''),
    );
    expect(main).toContain('include /etc/nginx/tier/http.conf;');
    expect(new Set(places.filter((place) => place.endsWith('http.conf')))).toEqual(
      new Set(['/etc/nginx/tier/http.conf']),
    );
  });
});
