import type { RouteAuth, RouteRequirement } from '../config/route.ts';
import type { Removal } from './removal.ts';

/** A request that is to be explained. */
export interface ExplainOrder {
  /** Of the listener; null: `port` says which, else it is the first. */
  readonly listener: string | null;
  readonly port: number | null;
  /** Where the connection would come from. */
  readonly from: string;
  /** The whole head as a client would send it, latin1, with its empty line. */
  readonly head: string;
}

/** What would become of a request, as the pipeline itself decides it. */
export interface Explanation {
  readonly listener: string;
  readonly method: string;
  /** As it came. */
  readonly target: string;
  /** Canonical, as route, policy and upstream see it; empty where it was refused before. */
  readonly path: string;
  /** Whose request it is, by the connection or by what trusted proxies say. */
  readonly client: string;
  readonly route: string | null;
  /** Null: there is no route. */
  readonly policy: {
    readonly auth: RouteAuth;
    readonly require: RouteRequirement | null;
    readonly rateLimits: readonly string[];
  } | null;
  /** Null: nobody is known, or nobody needs to be. */
  readonly principal: {
    readonly subject: string;
    readonly directory: string;
    readonly role: string;
    readonly groups: readonly string[];
  } | null;
  readonly decision: 'forwarded' | 'answered' | 'refused';
  /** The situation, refusal or endpoint by name; the upstream where it is forwarded. */
  readonly reason: string;
  /** Of our own answer; null where there is another or none yet. */
  readonly status: number | null;
  /** The server whose turn it is; null: none that may be asked, or it is not forwarded. */
  readonly server: string | null;
  /** Fields that do not go on as they came, in order. */
  readonly removed: readonly {
    readonly name: string;
    readonly value: string;
    readonly why: Removal;
  }[];
  /** The octets that the upstream gets before the body, latin1; null: nothing is forwarded. */
  readonly head: string | null;
  /** What is not known on paper, a sentence each. */
  readonly notes: readonly string[];
  /** What became of it when it came, where it has: the rest is how it would be decided now. */
  readonly recent?: {
    readonly requestId: string;
    readonly status: number;
    readonly outcome: string;
  };
}
