import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { SessionsScene } from './sessions-scene.ts';

test('a session shows neither its id nor a token when it is printed', async () => {
  const scene = new SessionsScene();
  const { live, token } = await scene.open();
  const older = scene.sessions.issueToken(live);
  const { id, handle } = live.session;
  for (const text of [
    inspect(live),
    inspect({ live }),
    JSON.stringify({ live }),
    `${JSON.stringify(live)}`,
  ]) {
    for (const secret of [id, token, older]) expect(text).not.toContain(secret);
  }
  expect(JSON.stringify(live)).toBe(JSON.stringify({ handle }));
});
