import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './gateway.ts';

/** A copy of the source with one passage of it changed: what a test of tests is made against. */
export class PatchedSource implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** `passage` stands once in the file. */
  static async make(file: string, passage: string, instead: string): Promise<PatchedSource> {
    const source = new PatchedSource(await mkdtemp(join(tmpdir(), 'portcullis-patched-')));
    const { root } = source;
    await cp(join(projectRoot, 'src'), join(root, 'src'), { recursive: true });
    await cp(join(projectRoot, 'package.json'), join(root, 'package.json'));
    await symlink(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
    const path = join(root, 'src', file);
    const parts = (await readFile(path, 'utf8')).split(passage);
    if (parts.length !== 2) throw new Error(`${String(parts.length - 1)} × in ${file}: ${passage}`);
    await writeFile(path, parts.join(instead));
    return source;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
