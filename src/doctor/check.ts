import type { Config } from '../config/config.ts';
import type { FileSnapshot } from '../config/read.ts';
import type { Clock } from '../lib/clock.ts';
import type { SpoofOrder } from './spoof-order.ts';

/** Something that is wrong, and what to do about it. */
export interface Finding {
  /** What it is about, such as `listener edge`. */
  readonly subject: string;
  /** What is wrong and what comes of it. Never a secret. */
  readonly fault: string;
  readonly remedy: string;
}

/** What checks look at: everything that they do not find out by asking somebody. */
export interface Patient {
  readonly config: Config;
  /** Every file that was read for the configuration. It holds secrets. */
  readonly files: FileSnapshot;
  readonly clock: Clock;
  /** As `process.version` has it. */
  readonly nodeVersion: string;
  /** Null where the system does not say. */
  readonly descriptorLimit: number | null;
  /** Null: nobody is to send anything through a public address. */
  readonly spoofing: SpoofOrder | null;
}

export type Diagnosis =
  /** `seen` says in a few words what was looked at. */
  | { readonly kind: 'looked'; readonly seen: string; readonly findings: readonly Finding[] }
  /** The configuration has no such thing. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** One thing that is looked after. A check changes nothing that lasts. */
export interface Check {
  readonly name: string;
  readonly examine: (patient: Patient) => Diagnosis | Promise<Diagnosis>;
}
