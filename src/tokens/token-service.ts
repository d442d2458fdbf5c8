/** What a token is wanted for. */
export interface TokenQuestion {
  /** Printable ASCII. */
  readonly key: string;
  /** Who is logged in; null where nobody has to be. */
  readonly claims: TokenSubject | null;
}

/** A principal as a signed token tells of it. */
export interface TokenSubject {
  readonly subject: string;
  readonly directory: string;
  readonly role: string;
  readonly groups: readonly string[];
  /** Who really acts, in an impersonation. */
  readonly actor: string | null;
}

export type TokenAnswer =
  /** Printable ASCII without blanks. `livesMs`: to shortly before its own end; null: it names none. */
  | { readonly kind: 'token'; readonly token: string; readonly livesMs: number | null }
  /** Whoever asks is not to have one. `challenges`: values of WWW-Authenticate. */
  | {
      readonly kind: 'refused';
      readonly status: 401 | 403;
      readonly challenges: readonly string[];
    }
  /** Nobody answered in time. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The answer was no token. */
  | { readonly kind: 'broken'; readonly reason: string };

/** Makes tokens. Never rejects. */
export interface TokenService {
  ask(question: TokenQuestion): Promise<TokenAnswer>;
  stop(): Promise<void>;
}
