/** What the console shows, and says as JSON. Public interface. */
export interface ConsoleState {
  /** When it was looked at, by our clock. */
  readonly at: string;
  /** The node that is asked. */
  readonly node: string;
  /** Who looks. */
  readonly staff: { readonly user: string; readonly directory: string };
  readonly sessions: SessionsState;
  readonly nodes: readonly NodeState[];
  readonly upstreams: readonly UpstreamState[];
  readonly rates: RatesState;
  readonly impersonation: ImpersonationState;
}

export interface SessionsState {
  /** In the store; null: it does not say. */
  readonly total: number | null;
  /** Whose alone are shown; null: everybody's, those that were seen last first. */
  readonly user: string | null;
  readonly skip: number;
  readonly hasMore: boolean;
  readonly shown: readonly SessionState[];
}

export interface SessionState {
  /** Names the session, and lets nobody in. */
  readonly session: string;
  readonly user: string;
  readonly directory: string;
  readonly role: string;
  readonly groups: readonly string[];
  /** Who acts for the user. */
  readonly actor: string | null;
  /** From where, and at which node, it was opened; null: not known. */
  readonly address: string | null;
  readonly node: string | null;
  readonly since: string;
  readonly lastSeen: string;
  readonly ends: string;
  /** WebSockets, and exchanges of more than ten seconds, that are open. */
  readonly streams: number;
  /** The session that asks. */
  readonly own: boolean;
  /** Staff do not end sessions of staff, nor act for them. */
  readonly protected: boolean;
}

/** A worker of a node. */
export interface NodeState {
  readonly node: string;
  readonly worker: number;
  readonly pid: number;
  /** Of the lease; `alone` where nobody else has the store; `unknown`: it says nothing. */
  readonly state: string;
  /** Until when it may answer from its memory, in milliseconds from now; null where nothing of the kind is needed. */
  readonly leaseMs: number | null;
  /** Workers that it knows of, itself included. */
  readonly members: number;
  readonly requests: number;
  readonly streams: number;
  readonly cachedSessions: number;
}

export interface UpstreamState {
  readonly name: string;
  readonly balance: string;
  readonly servers: readonly {
    readonly server: string;
    readonly address: string;
    readonly state: string;
    readonly inFlight: number;
    readonly requests: number;
    readonly failures: Readonly<Record<string, number>>;
  }[];
}

export interface RatesState {
  readonly everyMs: number;
  /** Of this node, the oldest first. */
  readonly samples: readonly RateSample[];
}

export interface RateSample {
  readonly at: string;
  readonly requestsPerSecond: number;
  /** Of them answered with 5xx. */
  readonly errorsPerSecond: number;
  /** From the end of sessions until every worker knew of it, on average; null: none ended. */
  readonly propagationMs: number | null;
}

/** Whether staff can act for users: `url` is where, to be followed by a name. */
export type ImpersonationState =
  | { readonly possible: true; readonly url: string }
  | { readonly possible: false; readonly reason: ImpersonationObstacle };

export const impersonationObstacles = [
  'tykeAnswers',
  'noRoute',
  'otherHost',
  'siteUnknown',
] as const;
export type ImpersonationObstacle = (typeof impersonationObstacles)[number];
