import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../../src/passwords/hash-password.ts';
import { UserFile } from '../../../src/users/user-file.ts';
import { planned } from '../../support/gateway-yaml.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ask } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

const cost = { memoryKib: 19_456, iterations: 2, parallelism: 1 };
const hash = (password: string): string => hashPassword(password, cost);

describe('somebody who is logged in while the directory changes', () => {
  let folder: string;
  let path: string;
  let gateway: Gateway;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-standing-'));
    path = join(folder, 'users.db');
    change((file) => {
      for (const username of ['anna', 'berta', 'carla', 'dora']) {
        const user = { username, role: 'clerk', groups: ['north', 'south'] };
        file.add({ ...user, password: hash('word'), isDisabled: false });
      }
    });
    const yaml = planned({
      upstreamPorts: [9],
      sections: { sessions: { refreshInterval: '1s' }, audit: { path: join(folder, 'audit.log') } },
    });
    yaml.directories = { local: { type: 'sqlite', path } };
    gateway = await Gateway.start(yaml);
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function change(deed: (file: UserFile) => unknown): void {
    const file = UserFile.openToWrite(path, true);
    deed(file);
    file.close();
  }

  const enter = async (name: string, password = 'word'): Promise<string> =>
    (await logIn(gateway.edge, name, password)).cookie;
  const statusOf = async (cookie: string): Promise<number> =>
    (
      await ask(
        gateway.edge,
        request('GET', '/auth/session', [`Cookie: ${cookie}`, 'Connection: close']),
      )
    ).status;
  const isOver = async (cookie: string): Promise<boolean> => (await statusOf(cookie)) === 401;
  /** A whole look at everybody begins after this. */
  const aRound = async (): Promise<void> => {
    const checks = (): Promise<number> => gateway.metric('portcullis_standing_checks_total');
    const before = await checks();
    await waitFor('a round', async () => (await checks()) >= before + 6, 10_000);
  };

  it('loses every session when disabled, and so when deleted, and nobody else does', async () => {
    const [one, two, other] = [await enter('anna'), await enter('anna'), await enter('berta')];
    change((file) => file.setDisabled('anna', true));
    await waitFor(
      'the end of both',
      async () => (await isOver(one)) && (await isOver(two)),
      10_000,
    );
    expect(await statusOf(other)).toBe(200);
  });

  it('loses the sessions from before another password, and keeps the new one', async () => {
    const before = await enter('carla');
    change((file) => file.setPassword('carla', hash('another')));
    const after = await enter('carla', 'another');
    await waitFor('the end of the old one', () => isOver(before), 10_000);
    await aRound();
    expect(await statusOf(after)).toBe(200);
  });

  it('keeps the session while nobody can be asked, which a figure shows', async () => {
    const cookie = await enter('dora');
    await rename(path, `${path}.away`);
    const isOut = async (): Promise<boolean> =>
      (await gateway.metric('portcullis_directory_out', 'directory="local"')) === 1;
    await waitFor('the figure', isOut, 10_000);
    await aRound();
    expect(await statusOf(cookie)).toBe(200);
    await rename(`${path}.away`, path);
    await waitFor('the directory', async () => !(await isOut()), 10_000);
    expect(await statusOf(cookie)).toBe(200);
  });
});
