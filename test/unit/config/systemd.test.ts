import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../src/commands/catalogue.ts';
import { projectRoot } from '../../support/gateway.ts';

const text = readFileSync(join(projectRoot, 'config/systemd/portcullis.service'), 'utf8');
const rotation = readFileSync(join(projectRoot, 'config/observability/logrotate.conf'), 'utf8');
const settings = new Map(
  [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
);

const hasCommand = (command: string): boolean =>
  spawnSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' }).status === 0;

describe('the systemd unit', () => {
  it('runs commands that exist, with one configuration', () => {
    for (const name of ['ExecStart', 'ExecReload']) {
      const [file, command = '', ...rest] = settings.get(name)?.split(' ') ?? [];
      expect(file).toBe('/usr/local/bin/portcullis');
      expect(catalogue.map((entry) => entry.name)).toContain(command);
      expect(rest).toEqual(['--config', '/etc/portcullis/portcullis.yaml']);
    }
  });

  it('lets it drain, starts it again after a crash, and not where the configuration is wrong', () => {
    // The default of `drainTimeout` is 30s.
    expect(Number.parseInt(settings.get('TimeoutStopSec') ?? '', 10)).toBeGreaterThan(30);
    expect(settings.get('KillMode')).toBe('mixed');
    expect(settings.get('Restart')).toBe('on-failure');
    expect(settings.get('RestartPreventExitStatus')).toBe('2');
  });

  it('gives it nothing of the machine', () => {
    const wanted = {
      DynamicUser: 'yes',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      PrivateTmp: 'yes',
      PrivateDevices: 'yes',
      CapabilityBoundingSet: 'CAP_NET_BIND_SERVICE',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      UMask: '0077',
    };
    for (const [name, value] of Object.entries(wanted)) expect(settings.get(name)).toBe(value);
    // The compiler of V8 could not work.
    expect(settings.has('MemoryDenyWriteExecute')).toBe(false);
  });

  it.runIf(hasCommand('systemd-analyze'))('is taken by systemd, and called well closed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-unit-'));
    try {
      const unit = join(folder, 'portcullis.service');
      // It is not installed here.
      writeFileSync(unit, text.replaceAll('/usr/local/bin/portcullis', '/bin/true'));
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit]);
      expect(verified.stderr.toString()).not.toContain('portcullis.service');
      const args = ['security', '--offline=true', '--threshold=20', '--no-pager', unit];
      const judged = spawnSync('systemd-analyze', args);
      expect({ status: judged.status, said: judged.stderr.toString() }).toMatchObject({
        status: 0,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the rotation of logs', () => {
  it('is for the folder that the unit makes, and tells the unit', () => {
    expect(settings.get('LogsDirectory')).toBe('portcullis');
    expect(rotation).toMatch(/^\/var\/log\/portcullis\/\*\.log \{$/m);
    expect(rotation).toContain('--signal=SIGUSR2 portcullis.service\n');
  });
});
