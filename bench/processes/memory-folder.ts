import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux has a file system in memory for everybody. */
const parent = '/dev/shm';
/** Of statfs(2): tmpfs. A container may have an ordinary folder there. */
const tmpfsMagic = 0x01_02_19_94;
const freeBytesMin = 128 * 1024 * 1024;

function isInMemory(): boolean {
  try {
    accessSync(parent, constants.W_OK);
    const { bavail, bsize, type } = statfsSync(parent);
    return type === tmpfsMagic && bavail * bsize >= freeBytesMin;
  } catch {
    return false;
  }
}

/**
 * A folder of its own, in memory where there is room, else in `fallback`: what is written to it is then measured without
 * the disk, whose moods are not the contender's.
 */
export class MemoryFolder implements Disposable {
  readonly path: string;

  constructor(name: string, fallback: string) {
    this.path = mkdtempSync(join(isInMemory() ? parent : fallback, `portcullis-${name}-`));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
