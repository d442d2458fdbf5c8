import type { FuzzCase } from '../cases/fuzz-case.ts';
import type { Received } from '../clients/received.ts';
import type { AccessLine } from '../gateway/access-lines.ts';
import type { SeenRequest } from '../upstream/upstream-link.ts';

/** Everything that is known of a case: what was said, what came of it on every side. */
export interface CaseRecord {
  readonly case: FuzzCase;
  /** In the order in which upstreams saw them. */
  readonly seen: SeenRequest[];
  received: Received;
  /** In the order of the access log. */
  lines: readonly AccessLine[];
}

/** Something that must not be. */
export interface Finding {
  readonly index: number;
  readonly problem: string;
  /** Null where it is about no case in particular. */
  readonly record: CaseRecord | null;
}
