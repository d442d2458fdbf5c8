import { listenAddress } from './address.ts';
import { optionBlock } from './kinds.ts';

/** The operators' port: liveness, readiness, metrics. It asks nobody for a password. */
export interface AdminConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

export const adminOptions = optionBlock({
  address: listenAddress().describe(
    "Where the operators' port is bound, such as `127.0.0.1:9099`. No default. It asks nobody " +
      'for a password, so keep it on loopback or on a network that only operators and their ' +
      'monitoring reach.',
  ),
}).describe(
  "The operators' port: /livez, /readyz and /metrics. Without this section there is none.",
);
