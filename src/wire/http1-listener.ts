import { once } from 'node:events';
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ListenerConfig } from '../config/listener.ts';
import type { FieldNames } from '../http/field-names.ts';
import { AddressSet } from '../lib/address-set.ts';
import { networkOf } from '../lib/network-of.ts';
import { ClientConnection } from './client-connection.ts';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { ListenerCounters } from './counters.ts';
import type { DateField } from './date-field.ts';
import type { Deadlines } from './deadlines.ts';
import type { Gate } from './lane.ts';
import { deliverLent } from './lent-delivery.ts';
import type { LaneOpener, OpenConnection } from './open-connection.ts';
import type { SecureDoor } from './secure-door.ts';
import type { SecuredPeer } from './secured-peer.ts';
import { deliver } from './socket-taker.ts';

const MAPPED = '::ffff:';
/** Bursts of new connections wait here while a turn of the event loop is long. */
const BACKLOG = 4096;

/** The client connections of a process, all listeners together: what its descriptors allow. */
export interface ConnectionBudget {
  readonly connectionsMax: number;
  active: number;
}

/** The lane of those that have not agreed on another one, in clear text and behind a handshake. */
const openInClear: LaneOpener = (socket, peer, owner) =>
  new ClientConnection(socket, peer, owner, deliverLent);
const openHttp1: LaneOpener = (socket, peer, owner) =>
  new ClientConnection(socket, peer, owner, deliver);

/** A bound address: admits connections within its caps, puts each on its lane, and keeps count of them. */
export class Http1Listener implements ClientConnectionOwner {
  readonly config: ListenerConfig;
  readonly gate: Gate;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly date: DateField;
  readonly counters: ListenerCounters;
  isDraining = false;
  idleDrainMs = 0;
  areUpgradesKept = false;
  readonly #budget: ConnectionBudget;
  readonly #server: net.Server;
  readonly #door: SecureDoor | null;
  readonly #lanes: ReadonlyMap<string, LaneOpener>;
  readonly #connections = new Map<object, { connection: OpenConnection; address: string }>();
  readonly #byNetwork = new Map<string, number>();
  /** The cap per address is about clients; these stand for many. */
  readonly #proxies: AddressSet;
  readonly #socket: { readonly native: object; readonly port: number } | null;
  #emptied: (() => void)[] = [];

  constructor(parts: {
    config: ListenerConfig;
    budget: ConnectionBudget;
    gate: Gate;
    names: FieldNames;
    deadlines: Deadlines;
    date: DateField;
    counters: ListenerCounters;
    /** Null: clear text. */
    door: SecureDoor | null;
    /** The lanes beside HTTP/1.1, by the protocol that a client and the door agreed on (`h2`). */
    lanes: ReadonlyMap<string, LaneOpener>;
    /** Bound already, by another process, and shared with it; null: binds its own. */
    socket: { readonly native: object; readonly port: number } | null;
  }) {
    this.config = parts.config;
    this.#budget = parts.budget;
    const { trustedPeers, trustedProxies } = parts.config;
    this.#proxies = new AddressSet([...trustedPeers, ...trustedProxies]);
    this.gate = parts.gate;
    this.names = parts.names;
    this.deadlines = parts.deadlines;
    this.date = parts.date;
    this.counters = parts.counters;
    this.#door = parts.door;
    this.#lanes = parts.lanes;
    this.#socket = parts.socket;
    // Half-open: a client that has sent its request and its FIN still gets the answer. Before a handshake there is
    // nothing to answer, so there the door allows it later.
    const allowHalfOpen = parts.door === null;
    const options = { allowHalfOpen, noDelay: true, pauseOnConnect: parts.door === null };
    this.#server = net.createServer(options, (socket) => this.#admit(socket));
  }

  /** Resolves with the bound port; rejects with the system's error (EADDRINUSE and the like). */
  async listen(): Promise<number> {
    try {
      return await this.#listenOn(this.config.host);
    } catch (error) {
      // All addresses, on a machine that has no IPv6: all that it has.
      const isOldOnly = error instanceof Error && Reflect.get(error, 'code') === 'EAFNOSUPPORT';
      if (this.config.host !== '::' || !isOldOnly) throw error;
      return this.#listenOn('0.0.0.0');
    }
  }

  /**
   * Takes no new connection and lets the others finish; resolves when the last one is gone. `idleMs`: how long one that is
   * idle may still send a request.
   */
  drain(idleMs: number, areUpgradesKept: boolean): Promise<void> {
    this.isDraining = true;
    this.idleDrainMs = idleMs;
    this.areUpgradesKept = areUpgradesKept;
    this.#server.close();
    for (const { connection } of [...this.#connections.values()]) connection.drain();
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#emptied.push(resolve));
  }

  /** Ends everything now. */
  destroy(): void {
    this.isDraining = true;
    this.#server.close();
    for (const { connection } of [...this.#connections.values()]) connection.destroy();
  }

  closed(connection: object): void {
    const address = this.#connections.get(connection)?.address;
    if (address === undefined) return;
    this.#connections.delete(connection);
    const network = networkOf(address);
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left === 0) this.#byNetwork.delete(network);
    else this.#byNetwork.set(network, left);
    this.counters.active--;
    this.#budget.active--;
    if (this.#connections.size > 0) return;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  async #listenOn(host: string): Promise<number> {
    if (this.#socket === null) {
      this.#server.listen({ host, port: this.config.port, backlog: BACKLOG });
    } else this.#server.listen(this.#socket.native, BACKLOG);
    await once(this.#server, 'listening');
    // Out of descriptors, say: the connection is lost, the listener is not.
    this.#server.on('error', () => this.counters.shed++);
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.config.port;
  }

  #admit(socket: net.Socket): void {
    const remote = socket.remoteAddress;
    if (remote === undefined) {
      socket.on('error', () => {}).destroy();
      return;
    }
    const address = remote.startsWith(MAPPED) ? remote.slice(MAPPED.length) : remote;
    const network = networkOf(address);
    const count = this.#byNetwork.get(network) ?? 0;
    if (this.#isFull(this.#proxies.has(address) ? 0 : count)) {
      this.counters.shed++;
      socket.on('error', () => {}).destroy();
      return;
    }
    this.counters.accepted++;
    this.counters.active++;
    this.#budget.active++;
    this.#byNetwork.set(network, count + 1);
    if (this.#door === null) this.#enter(openInClear, socket, address, null);
    else this.#secure(this.#door, socket, address);
  }

  /** The place that was taken at admission passes from the handshake to the connection. */
  #secure(door: SecureDoor, raw: net.Socket, address: string): void {
    const handshake = door.open(raw, (socket, secured) => {
      this.#connections.delete(handshake);
      this.#enter(this.#laneOf(socket), socket, address, secured);
    });
    handshake.closed = () => this.closed(handshake);
    this.#connections.set(handshake, { connection: handshake, address });
  }

  /** The one place that tells lanes apart. */
  #laneOf({ alpnProtocol }: TLSSocket): LaneOpener {
    return (alpnProtocol ? this.#lanes.get(alpnProtocol) : undefined) ?? openHttp1;
  }

  #enter(open: LaneOpener, socket: net.Socket, address: string, secured: SecuredPeer | null): void {
    const { isSecure, name } = this.config;
    const { counters } = this;
    const peer = { address, listener: name, isSecure, secured, counters, told: null };
    const connection = open(socket, peer, this);
    this.#connections.set(connection, { connection, address });
    if (this.isDraining) connection.drain();
  }

  /** Shed before a byte is read: those who are served already keep their descriptors. */
  #isFull(fromAddress: number): boolean {
    const { connectionsMax, connectionsPerAddressMax } = this.config.limits;
    if (this.#budget.active >= this.#budget.connectionsMax) return true;
    if (connectionsMax > 0 && this.counters.active >= connectionsMax) return true;
    return connectionsPerAddressMax > 0 && fromAddress >= connectionsPerAddressMax;
  }
}
