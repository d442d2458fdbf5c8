import type { Check } from './check.ts';

/** Argon2 in the runtime came with it. */
const oldest = { major: 24, minor: 7 };

export const nodeCheck: Check = {
  name: 'node',
  examine: ({ nodeVersion }) => {
    const [, major = '0', minor = '0'] = /^v(\d+)\.(\d+)\./.exec(nodeVersion) ?? [];
    const isOld =
      Number(major) < oldest.major ||
      (Number(major) === oldest.major && Number(minor) < oldest.minor);
    // Odd ones get no security fixes after half a year.
    const isShortLived = Number(major) % 2 === 1;
    const findings = [];
    if (isOld) {
      findings.push({
        subject: `Node ${nodeVersion}`,
        fault: `is older than ${oldest.major}.${oldest.minor}, so passwords cannot be hashed with Argon2`,
        remedy: 'install Node 26, or 24.7 and later',
      });
    } else if (isShortLived) {
      findings.push({
        subject: `Node ${nodeVersion}`,
        fault: 'is of a line with an odd number, which gets security fixes for half a year only',
        remedy: 'install Node 26, or 24.7 and later',
      });
    }
    return { kind: 'looked', seen: nodeVersion, findings };
  },
};
