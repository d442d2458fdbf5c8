import type { BenchCertificate } from '../processes/bench-certificate.ts';
import type { Scenario } from '../comparison/scenario.ts';
import type { MintedSessions } from './minted-sessions.ts';

/** What every contender of a scenario finds when it starts. */
export interface Stand {
  readonly scenario: Scenario;
  /** For configurations and logs. */
  readonly directory: string;
  /** Of the contenders; null where nobody is pinned. */
  readonly core: number | null;
  /** Of the upstream and whatever else is nobody's work here. */
  readonly otherCore: number | null;
  readonly upstreamPort: number;
  /** Null: clients come in the clear. */
  readonly certificate: BenchCertificate | null;
  readonly signal: AbortSignal;
  /** How many people are logged in. */
  readonly sessionCount: number;
  /** Of those who know no logins. */
  readonly minted: MintedSessions;
}
