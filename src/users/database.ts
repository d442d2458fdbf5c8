/** A column by its name, as the driver gives it. */
export type DatabaseRow = Readonly<Record<string, unknown>>;

/** A database server, as far as reading users takes it. */
export interface Database {
  /** How this kind of server quotes a name, and marks the parameter of a query (the first is 1). */
  readonly dialect: Dialect;
  /**
   * One prepared statement. Rejects when the server cannot be asked or does not answer in time,
   * whatever the reason; the next call tries again.
   */
  query(statement: string, parameters: readonly string[]): Promise<readonly DatabaseRow[]>;
  close(): Promise<void>;
}

export interface Dialect {
  quote(name: string): string;
  parameter(index: number): string;
}
