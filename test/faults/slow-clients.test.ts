import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../support/gateway.ts';
import { patientMs } from '../support/patience.ts';

describe('slowhttptest and readers that take nothing', () => {
  it(
    'make no request of honest clients fail',
    async () => {
      const args = ['bench/slow-clients.ts', '--rounds', '1', '--seconds', '4'];
      const child = spawn(process.execPath, args, {
        cwd: projectRoot,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      const hear = (text: string): void => void (said += text);
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      await once(child, 'close');
      // How long they take is measured where nothing else runs; here it is whether they are answered.
      expect(said).toMatch(/\b0 of their requests failed/);
      const [, quiet, attacked] = /\((\d+) requests.*\((\d+) requests/.exec(said) ?? [];
      expect(Number(quiet)).toBeGreaterThan(100);
      expect(Number(attacked)).toBeGreaterThan(100);
    },
    patientMs(90_000),
  );
});
