import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { newSnapshot, readText, withSnapshot } from '../../../src/config/read.ts';

const yaml = `listeners:
  edge:
    address: 127.0.0.1:0
    routes:
      - path: /
        respond: {status: 204}
tokens:
  keys:
    - id: key1
      secretFile: key
`;

describe('a snapshot of the files of a configuration', () => {
  it('gives another process the same configuration, whatever became of them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-snapshot-'));
    try {
      const path = join(folder, 'c.yaml');
      writeFileSync(path, yaml);
      writeFileSync(join(folder, 'key'), randomBytes(32).toString('base64'));
      const files = newSnapshot();
      const before = withSnapshot(files, () => loadConfig(path, {}));
      rmSync(folder, { recursive: true });
      // As it comes over a pipe.
      const after = withSnapshot(structuredClone(files), () => loadConfig(path, {}));
      expect(after).toEqual(before);
      expect(after.tokens.keys[0]?.secret.reveal()).toBe(before.tokens.keys[0]?.secret.reveal());
      expect(readText(path).kind).toBe('unreadable');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
