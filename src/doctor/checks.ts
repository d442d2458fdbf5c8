import { certificatesCheck } from './certificates-check.ts';
import type { Check } from './check.ts';
import { clocksCheck } from './clocks-check.ts';
import { configurationCheck } from './configuration-check.ts';
import { descriptorsCheck } from './descriptors-check.ts';
import { directoriesCheck } from './directories-check.ts';
import { nodeCheck } from './node-check.ts';
import { redisCheck } from './redis-check.ts';
import { secretsCheck } from './secrets-check.ts';
import { sessionFileCheck } from './session-file-check.ts';
import { spoofingCheck } from './spoofing-check.ts';
import { upstreamsCheck } from './upstreams-check.ts';

/** Everything that is looked at, from what needs nobody to what needs everybody. */
export const checks: readonly Check[] = [
  configurationCheck,
  nodeCheck,
  descriptorsCheck,
  secretsCheck,
  certificatesCheck,
  sessionFileCheck,
  redisCheck,
  clocksCheck,
  directoriesCheck,
  upstreamsCheck,
  spoofingCheck,
];
