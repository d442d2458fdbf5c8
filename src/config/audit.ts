import { dirname, resolve } from 'node:path';
import { flag, oneOf, optionBlock, text } from './kinds.ts';
import type { Part } from './read-options.ts';
import { readOptions } from './read-options.ts';

/** Who logged in, who failed to, and what staff did: one JSON line each. */
export interface AuditConfig {
  readonly isEnabled: boolean;
  /** An absolute path of a file that is appended to, or `-` for standard error. */
  readonly path: string;
  /** Whether people may log in, and staff act for others, while it cannot be written. */
  readonly onFailure: 'continue' | 'stop';
}

export const auditOptions = optionBlock({
  enabled: flag()
    .default(true)
    .describe(
      'Whether the audit log is written. On where this section stands; without the section there ' +
        'is none, and the log alone tells of logins.',
    ),
  path: text(/^[^\0]+$/, '- for standard error, or the path of a file')
    .default('-')
    .describe(
      'Where to: `-` (the default) is standard error, among the lines of the log; anything else ' +
        'is a file that is appended to, relative to the folder of this configuration. Nothing ' +
        'here rotates it; one that was moved away is opened again after a failure or a restart.',
    ),
  onFailure: oneOf(['continue', 'stop'])
    .default('continue')
    .describe(
      'What happens while the file cannot be written (a full disk): `continue` (the default) ' +
        'loses lines and counts them; with `stop` nobody logs in and nobody acts for others ' +
        'whose line is not written first, both are answered 503, and /readyz is 503. Live ' +
        'sessions go on, and logging out always works. `stop` needs a file.',
    ),
}).describe(
  'The audit log: logins, failures, logouts and staff acts, one JSON line each. Never a password, ' +
    'a token or a cookie.',
);

const disabled: AuditConfig = { isEnabled: false, path: '-', onFailure: 'continue' };

export function readAudit(part: Part, configPath: string): AuditConfig | undefined {
  if (part.raw === undefined) return disabled;
  const options = readOptions(auditOptions, part);
  if (options === undefined) return undefined;
  const { enabled, onFailure, path } = options.value;
  if (path === '-' && onFailure === 'stop' && options.isSound('path', 'onFailure')) {
    const message = 'is stop, but nobody can tell whether standard error is written';
    part.document.problems.add([...part.path, 'onFailure'], message, 'expected a path of a file');
  }
  const place = path === '-' ? path : resolve(dirname(configPath), path);
  return { isEnabled: enabled, path: place, onFailure };
}
