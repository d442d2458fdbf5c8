/** What the visitors are asked to do, one at a time. Both cross a process border as JSON. */
export type VisitJob =
  | {
      /** Makes the tokens of so many sessions. */
      readonly kind: 'prepare';
      readonly configPath: string;
      readonly sessions: number;
    }
  | {
      /** A request with each of the sessions from one number to another. */
      readonly kind: 'each';
      readonly port: number;
      readonly from: number;
      readonly to: number;
    }
  | {
      /** Requests with random ones of the first so many. */
      readonly kind: 'random';
      readonly port: number;
      readonly sessions: number;
      readonly seconds: number;
    };

export interface VisitResult {
  readonly requests: number;
  /** Answers by status code. */
  readonly statuses: Readonly<Record<string, number>>;
}
