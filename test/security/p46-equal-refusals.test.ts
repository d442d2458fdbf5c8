import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/passwords/hash-password.ts';
import { UserFile } from '../../src/users/user-file.ts';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { tryLogin } from '../support/login.ts';
import { bothAnswers } from '../support/scene.ts';

/** How long they take is measured by `npm run bench:rejections`, for rows of nine kinds. */
describe.each(bothAnswers)('P46: a refusal does not tell who there is, under %s', (answers) => {
  let folder: string;
  let gateway: Gateway;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-p46-'));
    const path = join(folder, 'users.db');
    const file = UserFile.openToWrite(path, true);
    const password = hashPassword('right', { memoryKib: 19_456, iterations: 2, parallelism: 1 });
    const user = { password, role: 'clerk', groups: [] };
    file.add({ ...user, username: 'anna', isDisabled: false });
    file.add({ ...user, username: 'disabled', isDisabled: true });
    file.close();
    const yaml = planned({ answers, upstreamPorts: [9] });
    yaml.directories = { local: { type: 'sqlite', path } };
    gateway = await Gateway.start(yaml);
  });
  afterAll(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('an unknown user, a wrong password and a disabled user with the right one get the same answer', async () => {
    expect((await tryLogin(gateway.edge, 'anna', 'right')).status).toBe(200);
    const seen = new Set<string>();
    for (const [name, password] of [
      ['nobody', 'right'],
      ['anna', 'wrong'],
      ['disabled', 'right'],
    ] as const) {
      const { fields, startLine, body } = await tryLogin(gateway.edge, name, password);
      const lines = fields.filter(([field]) => !/^(?:date|x-request-id)$/i.test(field));
      seen.add(JSON.stringify([startLine, lines, body.toString('latin1')]));
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain(answers === 'modern' ? ' 401 ' : ' 403 ');
  });
});
