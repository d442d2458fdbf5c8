import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

describe('P63: the log is one line each, and holds no secret', () => {
  const scene = useScene();
  const secret = 'Bearer c2VjcmV0LXRva2Vu';

  it.each([
    ['a path with quotes and braces', '/public/"},{"status":200,"path":"x', []],
    ['an escaped line end in the path', '/public/%0a%0d{"status":200}', []],
    ['a terminal escape in the path', '/public/%1b[31mred', []],
    ['a field of a whole line', '/public/agent', ['User-Agent: "}\t{"status":200}']],
  ])('%s stays within its line', async (_kind, target, lines) => {
    const before = scene.gateway.accessLines().length;
    await scene.send(request('GET', target, lines));
    await scene.send(request('GET', '/public/after'));
    await scene.gateway.accessLine('the next', (line) => line['path'] === '/public/after');
    const added = scene.gateway.accessLines().slice(before);
    expect(added.filter((line) => line['path'] === 'x')).toEqual([]);
    // Each line that looks like one is one, and none of its octets is a control.
    expect(scene.gateway.process.stdout).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
  });

  it('neither cookies, passwords nor tokens are in it', async () => {
    await scene.send(
      request('GET', '/api/x?q=1', [
        `Cookie: app=hidden; ${scene.cookie}`,
        `Authorization: ${secret}`,
      ]),
    );
    await scene.send(request('GET', '/api/y', [`Cookie: ${scene.cookie}x`]));
    await scene.gateway.accessLine('it', (line) => line['path'] === '/api/y');
    const all = scene.gateway.process.stdout + scene.gateway.process.stderr;
    for (const word of [scene.login.token.slice(4, 40), 'c2VjcmV0LXRva2Vu', 'pass1', 'hidden']) {
      expect(all).not.toContain(word);
    }
  });
});
