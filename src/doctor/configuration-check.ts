import type { Check } from './check.ts';
import { remedyFor } from './warning-remedies.ts';

/** What `portcullis check` warns of. */
export const configurationCheck: Check = {
  name: 'configuration',
  examine: ({ config }) => ({
    kind: 'looked',
    seen: `${config.path}: ${counted(config.listeners.length, 'listener')}`,
    findings: config.warnings.map((warning) => ({
      subject: config.path,
      fault: warning,
      remedy: remedyFor(warning),
    })),
  }),
};

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
