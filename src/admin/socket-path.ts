import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/**
 * Makes a place for a unix socket: a folder that nobody else can enter, without the socket of a gateway that is gone.
 * Rejects with a sentence.
 */
export async function claimSocketPath(path: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid, isDirectory } = await statOf(folder);
  if (!isDirectory || uid !== process.getuid?.()) {
    throw new Error(`${folder} is no folder of this user's, so no socket can be kept in it`);
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new Error(`${folder} can be entered by others (mode ${octal}); expected mode 700`);
  }
  if (!(await isThere(path))) return;
  if (await isAnswered(path)) throw new Error(`${path} is in use by another gateway`);
  await unlink(path);
}

async function statOf(path: string): Promise<{ mode: number; uid: number; isDirectory: boolean }> {
  // Not through a link: that could be somebody else's.
  const found = await lstat(path);
  return { mode: found.mode, uid: found.uid, isDirectory: found.isDirectory() };
}

async function isThere(path: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isSocket()) return true;
  } catch {
    return false;
  }
  throw new Error(`${path} is there and is no socket`);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}
