import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigProblems } from '../../src/config/config-problems.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';

export interface ConfigScene {
  /** The environment; empty unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Further files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** The smallest configuration that is right, to which a test adds what it is about. */
export const smallest = `listeners:
  edge:
    address: 127.0.0.1:0
    routes:
      - path: /
        respond: {status: 204}
`;

/** Writes a configuration into a folder of its own, loads it, and removes the folder. */
export function load(yaml: string, scene: ConfigScene = {}): Config {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'));
  try {
    for (const [name, content] of Object.entries({ ...scene.files, 'c.yaml': yaml })) {
      writeFileSync(join(folder, name), content);
    }
    return loadConfig(join(folder, 'c.yaml'), scene.env ?? {});
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is wrong with a configuration, each as `line:column: path: what is wrong; what would be right`. */
export function problemsOf(yaml: string, scene: ConfigScene = {}): readonly string[] {
  try {
    load(yaml, scene);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    const lines = error.format().split('\n').slice(0, -1);
    return lines.map((line) => line.slice(error.file.length + 1));
  }
}
