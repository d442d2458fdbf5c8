import { accessSync, constants, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Check, Finding } from './check.ts';

/** Magic numbers of `statfs(2)`: NFS, SMB and CIFS. Files there are no shared memory. */
const networks = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);
const bytesMin = 64 * 1024 * 1024;

/** Whether the file of the sessions can be kept where it is to be. */
export const sessionFileCheck: Check = {
  name: 'session file',
  examine: ({ config }) => {
    const { store } = config.sessions;
    if (store.type !== 'sqlite') return { kind: 'nothing', reason: 'no sessions are in a file' };
    const folder = dirname(store.path);
    const findings: Finding[] = [];
    try {
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      const { bavail, bsize, type } = statfsSync(folder);
      if (networks.has(type)) {
        findings.push({
          subject: folder,
          fault: 'is on another machine: workers would not see what the others write',
          remedy: 'put sessions.store.path on a local disk, or use Redis',
        });
      }
      if (bavail * bsize < bytesMin) {
        findings.push({
          subject: folder,
          fault: 'has less than 64 MiB left: soon nobody can log in or out',
          remedy: 'make room there',
        });
      }
    } catch {
      findings.push({
        subject: folder,
        fault: 'is not there, or this user may not write into it: nobody can log in',
        remedy: `make it, owned by the user that the gateway runs as`,
      });
    }
    return { kind: 'looked', seen: store.path, findings };
  },
};
