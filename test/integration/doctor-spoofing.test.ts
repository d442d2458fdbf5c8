import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDoctor } from '../../src/commands/doctor.ts';
import { freePorts } from '../support/free-ports.ts';
import { startNginx } from '../support/front.ts';
import { Gateway } from '../support/gateway.ts';
import { logIn } from '../support/login.ts';
import { sidecarYaml } from '../support/sidecar-yaml.ts';

let gateway: Gateway;
/** Where the application would be; doctor listens there itself. */
let application = 0;

beforeAll(async () => {
  [application = 0] = await freePorts(1);
  gateway = await Gateway.start(await sidecarYaml(application));
});

afterAll(async () => {
  await gateway.stop();
});

async function spoof(url: string, ...more: readonly string[]): Promise<readonly string[]> {
  let out = '';
  const args = ['--config', gateway.configPath, '--through', url, ...more];
  await runDoctor(
    [...args, '--listen', `127.0.0.1:${String(application)}`],
    {
      out: (text) => void (out += text),
      err: (text) => void (out += text),
    },
    {},
  );
  // Where it listens itself nobody did before.
  expect(out).not.toContain('takes no connection');
  const at = out.indexOf('spoofing ');
  return out
    .slice(at)
    .split('\n')
    .map((line) => line.trim());
}

function ports() {
  return { edge: gateway.edge, control: gateway.control, application };
}

describe('doctor --through', () => {
  it('finds nothing behind the shipped nginx, logged in or not, nor behind the gateway alone', async () => {
    await using nginx = await startNginx(ports());
    const { cookie } = await logIn(gateway.edge);
    const front = `http://127.0.0.1:${String(nginx.port)}`;
    const found = [
      await spoof(`${front}/public/x`),
      await spoof(`${front}/app`, '--cookie', cookie),
      await spoof(`http://127.0.0.1:${String(gateway.edge)}/public/x`),
    ];
    for (const lines of found) {
      expect(lines[0]).toMatch(/^spoofing +ok +spoofed fields through http/);
    }
  });

  it('says so where it could not look', async () => {
    const lines = await spoof(`http://127.0.0.1:${String(gateway.edge)}/app`);
    expect(lines[0]).toMatch(/^spoofing +1 !!/);
    expect(lines[2]).toMatch(/^the answer \(401\) does not show what an upstream got/);
    expect(lines[3]).toBe('→ log in, and give the cookie with --cookie');
    const [free = 0] = await freePorts(1);
    const away = await spoof(`http://127.0.0.1:${String(free)}/`);
    expect(away[2]).toMatch(/^nobody answers \(connect ECONNREFUSED/);
  });

  it('finds a front proxy that passes what a client says, and names each spelling', async () => {
    await using nginx = await startNginx(ports(), (text) =>
      text.replaceAll(/^.*proxy_set_header X-UserInfo.*\n/gm, ''),
    );
    const lines = await spoof(`http://127.0.0.1:${String(nginx.port)}/public/x`);
    expect(lines[0]).toMatch(/^spoofing +1 !!/);
    expect(lines[2]).toMatch(
      /^a X-UserInfo that a client sends reaches the upstream \(spelled X-UserInfo; x-userinfo; X-UserInfo, twice/,
    );
    expect(lines[3]).toMatch(/^→ let every proxy before the upstream remove X-UserInfo/);
  });

  it('finds one that passes only odd spellings', async () => {
    await using nginx = await startNginx(ports(), (text) =>
      text
        .replace('underscores_in_headers off', 'underscores_in_headers on')
        .replace('ignore_invalid_headers on', 'ignore_invalid_headers off'),
    );
    const lines = await spoof(`http://127.0.0.1:${String(nginx.port)}/public/x`);
    expect(lines[2]).toMatch(/reaches the upstream \(spelled X_UserInfo; X\.UserInfo\)/);
  });
});
