import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Check, Finding } from './check.ts';
import { secretFiles, type SecretFile } from './secret-files.ts';

const mayOthersRead = 0o004;
const mayOthersWrite = 0o002;
const mayOthersPass = 0o001;

/** Who may read what only the gateway is to know, and who may change what it believes. */
export const secretsCheck: Check = {
  name: 'secrets',
  examine: ({ config, files }) => {
    const secret = [
      ...secretFiles(config, files),
      ...files.bytes.keys().map(plainFile),
      ...kept(config),
    ].filter(({ what }) => what !== '');
    const others = [...files.texts.keys()].map(plainFile);
    const byPath = new Map([...others, ...secret].map((file) => [file.path, file]));
    const findings = [...byPath.values()].flatMap((file) => findingsOf(file));
    const there = [...byPath.values()].filter(({ path }) => modeOf(path) !== null);
    const count = there.filter(({ what }) => what !== '').length;
    return { kind: 'looked', seen: `${count} of ${there.length} files hold secrets`, findings };
  },
};

function plainFile(path: string): SecretFile {
  return { path, what: '' };
}

/** What is not read for the configuration, and what processes keep. */
function kept({ directories, sessions }: Config): readonly SecretFile[] {
  const { store } = sessions;
  const found: SecretFile[] = [];
  if (store.type === 'sqlite') found.push({ path: store.path, what: 'the sessions' });
  if (store.type === 'redis') {
    for (const { passwordFile } of [store.login, store.sentinelLogin]) {
      if (passwordFile !== null) found.push({ path: passwordFile, what: 'a secret' });
    }
  }
  for (const directory of directories) {
    if (directory.type === 'sqlite')
      found.push({ path: directory.path, what: 'hashes of passwords' });
  }
  return found;
}

function findingsOf({ path, what }: SecretFile): readonly Finding[] {
  const mode = modeOf(path);
  if (mode === null) return []; // whoever needs it says so
  if (!isInReach(path)) return [];
  const findings: Finding[] = [];
  const subject = path;
  if (what !== '' && (mode & mayOthersRead) !== 0) {
    findings.push({
      subject,
      fault: `holds ${what}, and every user of this machine may read it (mode ${shown(mode)})`,
      remedy: `chmod 600 ${path}, owned by the user that the gateway runs as`,
    });
  }
  if ((mode & mayOthersWrite) !== 0) {
    findings.push({
      subject,
      fault: `every user of this machine may change it (mode ${shown(mode)}), and the gateway believes it`,
      remedy: `chmod o-w ${path}`,
    });
  }
  const folder = dirname(path);
  const folderMode = modeOf(folder);
  // With the sticky bit nobody replaces what is another's.
  if (folderMode !== null && (folderMode & 0o1002) === mayOthersWrite) {
    findings.push({
      subject: folder,
      fault: `every user of this machine may put another file in the place of ${path} (mode ${shown(folderMode)})`,
      remedy: `chmod o-w ${folder}`,
    });
  }
  return findings;
}

/** Whether others get as far as its folder. */
function isInReach(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const mode = modeOf(folder);
    if (mode !== null && (mode & mayOthersPass) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o7777;
  } catch {
    return null;
  }
}

function shown(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
