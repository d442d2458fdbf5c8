/**
 * Who somebody is: the authenticated subject with role, groups and attributes, as a directory said at login.
 * Users are told apart by (directory, subject).
 */
export interface Principal {
  /** The stable name, as the directory spells it (never as it was typed). */
  readonly subject: string;
  /** The name of the directory that vouched. */
  readonly directory: string;
  /** One word; `nobody` where the directory gives none. */
  readonly role: string;
  readonly groups: readonly string[];
  /** Further claims; empty for most directories. */
  readonly attributes: Readonly<Record<string, string>>;
}
