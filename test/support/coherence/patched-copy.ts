import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../gateway.ts';

/** One change of the source: the text must be there exactly once. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The sources with a rule taken out, in a folder of their own: what a checker must find. */
export class PatchedCopy implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(patches: readonly Patch[]): Promise<PatchedCopy> {
    const root = await mkdtemp(join(tmpdir(), 'portcullis-patched-'));
    for (const name of ['src', 'config', 'package.json', 'test/support/coherence']) {
      await cp(join(projectRoot, name), join(root, name), { recursive: true });
    }
    await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    for (const { file, from, to } of patches) {
      const path = join(root, file);
      const parts = (await readFile(path, 'utf8')).split(from);
      if (parts.length !== 2) throw new Error(`${file} has ${String(parts.length - 1)} × ${from}`);
      await writeFile(path, parts.join(to));
    }
    return new PatchedCopy(root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
