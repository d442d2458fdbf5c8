import { createHmac, randomBytes } from 'node:crypto';
import type { AuditConfig } from '../config/audit.ts';
import type { Clock } from '../lib/clock.ts';
import { AuditFile } from './audit-file.ts';
import { escapeControls } from './json-text.ts';
import type { LineSink } from './line-sink.ts';

export type AuditEvent =
  | 'login.accepted'
  | 'login.rejected'
  | 'login.throttled'
  | 'login.unavailable'
  | 'logout'
  | 'sessions.ended'
  | 'escalate.accepted'
  | 'escalate.refused'
  | 'return'
  | 'logout_user'
  | 'logout_user.refused'
  | 'standing.lost'
  | 'bans.cleared';

/** A user, by the two things that name one. */
export interface AuditSubject {
  readonly directory: string;
  readonly subject: string;
}

export interface AuditRecord {
  readonly event: AuditEvent;
  /** Who did it; null: nobody that is known. */
  readonly actor: AuditSubject | null;
  /** Whom it was done to, or whose name was tried; null: nobody that is known. */
  readonly target: AuditSubject | null;
  readonly address: string | null;
  readonly requestId: string | null;
  /** A name that is nobody's: what people type there may be a password, so only a tag of it is written. */
  readonly unknownName?: string;
  /** Sessions that ended. */
  readonly revoked?: number;
  /** Why, out of a fixed list. */
  readonly reason?: string;
}

/** Who did what to whom. */
export interface AuditLog {
  /** What was to be written last was not. */
  readonly isFailing: boolean;
  /** Nobody may do anything whose line is not there. */
  readonly isRequired: boolean;
  readonly lostLines: number;
  /** Of something that has happened, or was refused. */
  note(record: AuditRecord): void;
  /** Of something that is about to happen: whether it may. */
  admits(record: AuditRecord): Promise<boolean>;
  /** Goes on in the file that has the path now. Throws where there can be none. */
  reopen(): void;
  stop(): Promise<void>;
}

export const silentAuditLog: AuditLog = Object.freeze({
  isFailing: false,
  isRequired: false,
  lostLines: 0,
  note: () => {},
  admits: () => Promise.resolve(true),
  reopen: () => {},
  stop: () => Promise.resolve(),
});

/** `log`: where the log's own lines go. Throws when the file cannot be opened. */
export function createAuditLog(config: AuditConfig, log: LineSink, clock: Clock): AuditLog {
  if (!config.isEnabled) return silentAuditLog;
  const tagKey = randomBytes(32);
  const line = (fields: object): string =>
    escapeControls(
      JSON.stringify({ time: new Date(clock.now()).toISOString(), audit: true, ...fields }),
    );
  const lineOf = ({ unknownName, ...record }: AuditRecord): string =>
    line(unknownName === undefined ? record : { ...record, nameTag: tagOf(unknownName, tagKey) });
  if (config.path === '-') {
    const note = (record: AuditRecord): void => log.write(lineOf(record));
    return {
      ...silentAuditLog,
      note,
      admits: (record) => {
        note(record);
        return Promise.resolve(true);
      },
    };
  }
  const file = new AuditFile(config.path, (lost) => line({ event: 'audit.lines_lost', lost }));
  const isRequired = config.onFailure === 'stop';
  return {
    get isFailing() {
      return file.isFailing;
    },
    get lostLines() {
      return file.lostLines;
    },
    isRequired,
    note: (record) => void file.append(lineOf(record)),
    admits: async (record) => {
      const writing = file.append(lineOf(record));
      return isRequired ? await writing : true;
    },
    reopen: () => file.reopen(),
    stop: () => file.stop(),
  };
}

/** The same for the same name until the process ends; nobody can try names on it later. */
function tagOf(name: string, key: Buffer): string {
  return createHmac('sha256', key).update(name).digest('hex').slice(0, 8);
}
