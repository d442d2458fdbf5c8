import type { Check } from './check.ts';

/** What a gateway for some thousand clients needs; each costs one, and mostly one more to an upstream. */
const enough = 4_096;

export const descriptorsCheck: Check = {
  name: 'file limit',
  examine: ({ config, descriptorLimit }) => {
    if (descriptorLimit === null) {
      return { kind: 'nothing', reason: 'this system does not say how many files may be open' };
    }
    // What an operator asks for in so many words is to be possible.
    const asked = config.listeners
      .map(({ limits }) => limits.connectionsMax)
      .reduce((sum, one) => sum + one, 0);
    const needed = Math.max(enough, 2 * asked);
    const seen = `${descriptorLimit} open files`;
    if (descriptorLimit >= needed) return { kind: 'looked', seen, findings: [] };
    const fault = `a process may hold ${descriptorLimit} files, and ${needed} are wanted: with more clients than half of that, others are turned away`;
    const remedy = `raise the hard limit to ${needed} or more: LimitNOFILE= in the systemd unit, --ulimit nofile= of a container, or /etc/security/limits.conf`;
    return { kind: 'looked', seen, findings: [{ subject: 'file limit', fault, remedy }] };
  },
};
