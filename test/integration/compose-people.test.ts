import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { account, DatabaseServer } from '../support/database-server.ts';
import { freePorts } from '../support/free-ports.ts';
import { Process, projectRoot } from '../support/gateway.ts';
import { Slapd } from '../support/slapd.ts';
import { waitFor } from '../support/wait-for.ts';

const read = (path: string): string => readFileSync(join(projectRoot, 'config', path), 'utf8');
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

/** A gateway with a configuration of docker-compose.yml, in which names of containers become what is given. */
async function login(
  file: string,
  places: ReadonlyMap<string, string>,
): Promise<(username: string, password: string) => Promise<unknown>> {
  const [edge = 0, admin = 0] = await freePorts(2);
  let yaml = read(`compose/${file}`)
    .replace('0.0.0.0:8081', `127.0.0.1:${String(edge)}`)
    .replace('0.0.0.0:9099', `127.0.0.1:${String(admin)}`);
  for (const [name, place] of places) {
    expect(yaml).toContain(name);
    yaml = yaml.replace(name, place);
  }
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-compose-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, 'portcullis.yaml');
  await writeFile(path, yaml);
  const env = { PORTCULLIS_TOKEN_KEY: 'a-token-key-of-this-test-0123456789abcdef' };
  const gateway = new Process(['start', '--config', path], { env });
  stack.defer(async () => void (await gateway.stop()));
  const url = `http://127.0.0.1:${String(edge)}`;
  await waitFor(`the gateway with ${file}`, () => gateway.stderr.includes('gateway.ready'), 15_000);
  return async (username, password) => {
    const body = JSON.stringify({ username, password });
    const answer = await fetch(`${url}/auth/login`, { method: 'POST', body });
    if (answer.status !== 200) return answer.status;
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const me = await fetch(`${url}/auth/session`, { headers: { cookie } });
    return await me.json();
  };
}

describe('the people of docker-compose.yml', () => {
  it('log in from the tree of the profile ldap', async () => {
    const root =
      'dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: a\n\n';
    const slapd = stack.use(await Slapd.start(root + read('compose/people.ldif')));
    const ask = await login(
      'ldap.yaml',
      new Map([
        ['ldap://ldap:389', `ldap://127.0.0.1:${String(slapd.port)}`],
        ['cn=admin,dc=example,dc=org', 'cn=root,dc=example,dc=org'],
        ['for-trying-out', 'root'],
      ]),
    );
    expect(await ask('grace', 'pass-of-grace')).toMatchObject({
      role: 'staffuser',
      groups: ['staff'],
    });
    expect(await ask('alan', 'pass-of-alan')).toMatchObject({ role: 'nobody' });
    expect(await ask('alan', 'pass-of-grace')).toBe(401);
  });

  it('log in from the tables of the profile django', async () => {
    const server = stack.use(await DatabaseServer.start('mysql'));
    await server.execute(read('compose/django.sql'));
    const ask = await login(
      'django.yaml',
      new Map([
        ['database:3306', `127.0.0.1:${String(server.port)}`],
        ['database: portal', `database: ${account.database}`],
        ['username: portcullis', 'username: gateway'],
        ['for-trying-out', account.password],
      ]),
    );
    expect(await ask('grace', 'pass-of-grace')).toMatchObject({ role: 'staffuser' });
    expect(await ask('alan', 'pass-of-alan')).toMatchObject({ groups: ['crew'] });
    expect(await ask('alan', 'pass-of-grace')).toBe(401);
  });
});
