import type { Member } from '../session/commit.ts';
import type { LogEntry } from '../session/log-entry.ts';
import type { Acknowledgement } from './bus.ts';

/** What workers of one machine tell each other, through their primary. */
export type IpcMessage =
  | { readonly kind: 'entered'; readonly entries: readonly LogEntry[] }
  /** For the worker that waits for it. */
  | { readonly kind: 'acknowledged'; readonly revoker: string; readonly by: Acknowledgement }
  /** By the primary: that process has ended. */
  | { readonly kind: 'left'; readonly worker: string };

/** What a worker asks its primary. */
export const ipcTopics = { join: 'bus.join', leave: 'bus.leave', members: 'bus.members' } as const;

/** `null`: not known. The pipe is between two processes of one package. */
export type IpcMembers = readonly Member[] | null;
