/** What the operators' socket is asked to do. */
export type ControlOrder =
  | SessionOrder
  | EverybodyOrder
  | BanOrder
  | ExplainingOrder
  | RecentOrder
  | { readonly deed: CrewDeed };

/** `restart` and `reload` replace the workers, `drain` ends the gateway as SIGTERM does. */
const crewDeeds = ['nodes', 'reload', 'restart', 'drain'] as const;
export type CrewDeed = (typeof crewDeeds)[number];

/** What would become of a request, whose whole head is given, latin1 with its empty line. */
export interface ExplainingOrder {
  readonly deed: 'explain';
  readonly listener: string | null;
  readonly port: number | null;
  readonly from: string;
  readonly head: string;
}

/** The same of one that has come, by its id. */
export interface RecentOrder {
  readonly deed: 'explainRecent';
  readonly requestId: string;
}

/** Who has to wait after failed logins, and that somebody has not to any more. */
export type BanOrder =
  | { readonly deed: 'bans' }
  | {
      readonly deed: 'clearBans';
      readonly whom: 'all' | { readonly account: string } | { readonly address: string };
    };

/** About sessions of one user, in one directory or in every one. */
export interface SessionOrder {
  readonly deed: 'list' | 'revoke';
  readonly user: string;
  readonly directory: string | null;
  /** Of the sessions that are meant; null: all. */
  readonly handles: readonly string[] | null;
}

/** About the sessions of everybody: a page of them, or their end. */
export type EverybodyOrder =
  | { readonly deed: 'page'; readonly skip: number; readonly count: number }
  | { readonly deed: 'revokeEverybody' };

/** A page is one answer over a pipe, and one script of the store. */
export const pageMax = 1_000;

export type ControlAnswer =
  | { readonly kind: 'done'; readonly value: unknown }
  /** The sentence is for a person. `unavailable`: it may be done later. */
  | { readonly kind: 'refused' | 'unavailable'; readonly sentence: string };

function isCrewDeed(word: unknown): word is CrewDeed {
  return crewDeeds.some((deed) => deed === word);
}

/** Undefined: no order. */
export function readControlOrder(value: unknown): ControlOrder | undefined {
  if (typeof value !== 'object' || value === null || !('deed' in value)) return undefined;
  const { deed } = value;
  if (isCrewDeed(deed)) return { deed };
  if (deed === 'bans') return { deed };
  if (deed === 'revokeEverybody') return { deed };
  if (deed === 'page') return readPage(value);
  if (deed === 'explainRecent') {
    const requestId = 'requestId' in value ? value.requestId : null;
    return typeof requestId === 'string' ? { deed, requestId } : undefined;
  }
  if (deed === 'explain') return readExplaining(value);
  if (deed === 'clearBans') return readClearing('whom' in value ? value.whom : undefined);
  if (deed !== 'list' && deed !== 'revoke') return undefined;
  const user = 'user' in value ? value.user : undefined;
  const directory = 'directory' in value ? value.directory : null;
  const handles = 'handles' in value ? value.handles : null;
  if (typeof user !== 'string' || user === '') return undefined;
  if (directory !== null && typeof directory !== 'string') return undefined;
  if (handles !== null && !isTexts(handles)) return undefined;
  return { deed, user, directory, handles };
}

function readPage(value: object): EverybodyOrder | undefined {
  const skip = 'skip' in value ? value.skip : 0;
  const count = 'count' in value ? value.count : pageMax;
  if (!isCount(skip) || !isCount(count) || count > pageMax) return undefined;
  return { deed: 'page', skip, count };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function readClearing(whom: unknown): BanOrder | undefined {
  const deed = 'clearBans';
  if (whom === 'all') return { deed, whom };
  if (typeof whom !== 'object' || whom === null) return undefined;
  if ('account' in whom && typeof whom.account === 'string') {
    return { deed, whom: { account: whom.account } };
  }
  if ('address' in whom && typeof whom.address === 'string') {
    return { deed, whom: { address: whom.address } };
  }
  return undefined;
}

function readExplaining(value: object): ExplainingOrder | undefined {
  const from = 'from' in value ? value.from : null;
  const head = 'head' in value ? value.head : null;
  const listener = 'listener' in value ? value.listener : null;
  const port = 'port' in value ? value.port : null;
  if (typeof from !== 'string' || typeof head !== 'string') return undefined;
  if (!head.endsWith('\r\n\r\n')) return undefined;
  if (listener !== null && typeof listener !== 'string') return undefined;
  if (port !== null && typeof port !== 'number') return undefined;
  return { deed: 'explain', from, head, listener, port };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
