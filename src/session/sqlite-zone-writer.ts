import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogEntry } from './log-entry.ts';
import type { ZoneRefusal, ZoneRow, ZoneWrite, ZoneWriteAnswer } from './zone-writes.ts';

/** How much of what has run out a write removes beside what it is for. */
const sweepSlice = 500;

const texts = {
  alive: `SELECT 1 FROM zone_entries
    WHERE zone = :zone AND tag = :tag AND (ends IS NULL OR ends > :now)`,
  count: 'SELECT count(*) AS entries FROM zone_entries WHERE zone = :zone',
  write: `INSERT INTO zone_entries VALUES (:zone, :tag, :sealed, :ends)
    ON CONFLICT DO UPDATE SET sealed = excluded.sealed, ends = excluded.ends`,
  remove: 'DELETE FROM zone_entries WHERE zone = :zone AND tag = :tag',
  clear: 'DELETE FROM zone_entries WHERE zone = :zone',
  sweep: `DELETE FROM zone_entries WHERE (zone, tag) IN
    (SELECT zone, tag FROM zone_entries WHERE ends <= :now LIMIT :limit)`,
  claimOf: 'SELECT holder FROM zone_claims WHERE zone = :zone AND tag = :tag AND ends > :now',
  claim: `INSERT INTO zone_claims VALUES (:zone, :tag, :holder, :ends)
    ON CONFLICT DO UPDATE SET holder = excluded.holder, ends = excluded.ends`,
  unclaim: 'DELETE FROM zone_claims WHERE zone = :zone AND tag = :tag',
  unclaimAll: 'DELETE FROM zone_claims WHERE zone = :zone',
  sweepClaims: `DELETE FROM zone_claims WHERE (zone, tag) IN
    (SELECT zone, tag FROM zone_claims WHERE ends <= :now LIMIT :limit)`,
};

type ZoneOrderWrite = Extract<ZoneWrite, { deed: 'zone' }>;
type ClaimWrite = Extract<ZoneWrite, { deed: 'claim' }>;

export interface ZoneWriterParts {
  readonly database: DatabaseSync;
  /** Writes an entry of the log in the transaction that is under way. */
  readonly append: (revoker: string, ids: readonly string[]) => LogEntry[];
  readonly isLive: (sessionKey: string, nowMs: number, idleTimeoutMs: number) => boolean;
}

/** The part of the one writer of a session file that keeps key-value zones. Within a transaction of the writer's. */
export class SqliteZoneWriter {
  readonly #parts: ZoneWriterParts;
  readonly #statements: Readonly<Record<keyof typeof texts, StatementSync>>;

  constructor(parts: ZoneWriterParts) {
    this.#parts = parts;
    const prepared = Object.entries(texts).map(([name, text]) => [
      name,
      parts.database.prepare(text),
    ]);
    // The names are those of the texts.
    this.#statements = Object.fromEntries(prepared) as Record<keyof typeof texts, StatementSync>;
  }

  claim({ claimMs, holder, isRenewal, nowMs, tag, zone }: ClaimWrite): ZoneWriteAnswer {
    const statements = this.#statements;
    const current = statements.claimOf.get({ zone, tag, now: nowMs })?.['holder'];
    const isFree = current === undefined && !isRenewal;
    if (!isFree && current !== holder) return { kind: 'claimed', isHeld: false };
    if (claimMs === 0) statements.unclaim.run({ zone, tag });
    else statements.claim.run({ zone, tag, holder, ends: nowMs + claimMs });
    return { kind: 'claimed', isHeld: true };
  }

  perform(write: ZoneOrderWrite): ZoneWriteAnswer {
    const { caller, idleTimeoutMs, nowMs } = write;
    if (caller !== null && !this.#parts.isLive(caller, nowMs, idleTimeoutMs)) {
      return refused('callerEnded');
    }
    this.#statements.sweep.run({ now: nowMs, limit: sweepSlice });
    this.#statements.sweepClaims.run({ now: nowMs, limit: sweepSlice });
    const { order, zone } = write;
    switch (order.deed) {
      case 'add':
        return this.#add(write, order.rows, order.entriesMax);
      case 'change':
        if (!this.#isAlive(write, order.row.tag)) return refused('missing');
        this.#write(write, order.row);
        return this.#changed(write, [order.row.tag]);
      case 'remove':
        if (!this.#isAlive(write, order.tag)) return refused('missing');
        this.#statements.remove.run({ zone, tag: order.tag });
        return this.#changed(write, [order.tag]);
      case 'clear':
        this.#statements.clear.run({ zone });
        this.#statements.unclaimAll.run({ zone });
        return written(this.#parts.append(write.revoker, [write.zoneId]));
      case 'put':
        return this.#put(write, order);
    }
  }

  #add(write: ZoneOrderWrite, rows: readonly ZoneRow[], entriesMax: number): ZoneWriteAnswer {
    const [first] = rows;
    if (rows.length > 1 && this.#count(write) > 0) return refused('notEmpty');
    if (first !== undefined && this.#isAlive(write, first.tag)) return refused('exists');
    if (this.#count(write) + rows.length > entriesMax) return refused('full');
    for (const row of rows) this.#write(write, row);
    return this.#changed(
      write,
      rows.map(({ tag }) => tag),
    );
  }

  /** Copies elsewhere are of the value before, which was good to its end: nobody has to hear of it. */
  #put(
    write: ZoneOrderWrite,
    { entriesMax, holder, row }: Extract<ZoneOrderWrite['order'], { deed: 'put' }>,
  ): ZoneWriteAnswer {
    const { nowMs, zone } = write;
    const { tag } = row;
    if (this.#statements.claimOf.get({ zone, tag, now: nowMs })?.['holder'] !== holder) {
      return refused('lost');
    }
    this.#statements.unclaim.run({ zone, tag });
    if (!this.#isAlive(write, tag) && this.#count(write) >= entriesMax) return refused('full');
    this.#write(write, row);
    return written([]);
  }

  /** A claim on what was changed is lost: what its holder is about to put there is older. */
  #changed(write: ZoneOrderWrite, tags: readonly string[]): ZoneWriteAnswer {
    const { revoker, zone, zoneId } = write;
    for (const tag of tags) this.#statements.unclaim.run({ zone, tag });
    return written(
      this.#parts.append(
        revoker,
        tags.map((tag) => zoneId + tag),
      ),
    );
  }

  #write({ nowMs, zone }: ZoneOrderWrite, { livesMs, sealed, tag }: ZoneRow): void {
    const ends = livesMs === null ? null : nowMs + livesMs;
    this.#statements.write.run({ zone, tag, sealed, ends });
  }

  #isAlive({ nowMs, zone }: ZoneOrderWrite, tag: string): boolean {
    return this.#statements.alive.get({ zone, tag, now: nowMs }) !== undefined;
  }

  #count({ zone }: ZoneOrderWrite): number {
    return Number(this.#statements.count.get({ zone })?.['entries']);
  }
}

function written(entries: readonly LogEntry[]): ZoneWriteAnswer {
  return { kind: 'zoneWritten', entries };
}

function refused(reason: ZoneRefusal): ZoneWriteAnswer {
  return { kind: 'zoneRefused', reason };
}
