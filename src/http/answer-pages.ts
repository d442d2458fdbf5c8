import type { Reply } from './reply.ts';

/** A page of ours that says where somebody has come to, and nothing about who it is. */
export type StatusPageName =
  | 'pleaseLogIn'
  | 'sessionEnded'
  | 'loggedOut'
  | 'logoutConfirm'
  | 'cookieMissing'
  | 'forbidden'
  | 'notAllowed'
  | 'crossSite'
  | 'notFound'
  | 'throttled'
  | 'banned'
  | 'unavailable'
  | 'overloaded'
  | 'unreachable'
  | 'tooLate'
  | 'badRequest'
  | 'tooLarge'
  | 'tooSlow'
  | 'internalError';

/** A page without its status. */
export interface PageContent {
  readonly fields: Reply['fields'];
  readonly body: string;
}

/** Who makes pages; the room that does is above this one. */
export interface AnswerPages {
  /** Every language that pages come in. */
  readonly languages: readonly string[];
  /** The best of them for an Accept-Language field. */
  languageFor(acceptLanguage: string | undefined): string;
  /** `loginUrl`: what a link to log in leads to; null where there is none. */
  status(name: StatusPageName, language: string, loginUrl: string | null): PageContent;
}
