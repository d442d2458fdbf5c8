import type { Fleet } from './fleet.ts';

/** Something that goes wrong while people come and go, and is well again at the end. */
export interface Fault {
  readonly title: string;
  run(fleet: Fleet): Promise<void>;
}
