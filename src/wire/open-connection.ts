import type { Socket } from 'node:net';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { Peer } from './lane.ts';

/** What a listener keeps of each connection, whatever lane it is on. */
export interface OpenConnection {
  /** The listener takes nothing new: an idle connection goes now, a busy one after its answer. */
  drain(): void;
  destroy(): void;
}

/** Puts a connection on a lane. The lane tells `owner.closed(connection)` once, when it is gone. */
export type LaneOpener = (
  socket: Socket,
  peer: Peer,
  owner: ClientConnectionOwner,
) => OpenConnection;
