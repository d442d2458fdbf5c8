import { isNavigation, wantsPage, type FieldSource } from './navigation.ts';

/** What an answer depends on beside the situation. */
export interface Asking {
  /** The client's connection is TLS: the cookie to clear has another name there. */
  readonly isSecure: boolean;
  /** Somebody looks at it in a browser window (`wantsPage`). Only `modern` has pages. */
  readonly wantsHtml: boolean;
  /** The Accept-Language field. */
  readonly acceptLanguage?: string | undefined;
  /** Where one can log in: a path of this listener, or what the configuration says; null: nowhere that is known. */
  readonly loginUrl?: string | null;
  /** Of a navigation: where it goes. Whoever has to log in is sent to do that and comes back here. */
  readonly returnTo?: string | null;
}

/** A request, as far as the way it wants to be answered is concerned. */
export interface AskedRequest extends FieldSource {
  readonly method: string;
  readonly isSecure: boolean;
  /** Canonical. */
  readonly path: string;
  /** With its `?`. */
  readonly query: string;
  readonly loginUrl: string | null;
}

export function askingOf(request: AskedRequest): Asking {
  const wantsHtml = wantsPage(request);
  return {
    isSecure: request.isSecure,
    wantsHtml,
    acceptLanguage: wantsHtml ? request.field('accept-language') : undefined,
    loginUrl: request.loginUrl,
    returnTo: isNavigation(request.method, request) ? request.path + request.query : null,
  };
}

/** Another proxy asks on behalf of its client, whose fields it hands on: they say nothing about who reads the answer. */
export function askingOfProxy(request: Pick<AskedRequest, 'isSecure' | 'loginUrl'>): Asking {
  return { isSecure: request.isSecure, wantsHtml: false, loginUrl: request.loginUrl };
}
