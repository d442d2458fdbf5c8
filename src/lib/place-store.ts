/** From where somebody has got in before: two names, and whether they belong together. */
export interface PlaceStore {
  has(who: string, where: string): boolean | Promise<boolean>;
  of(who: string): readonly string[] | Promise<readonly string[]>;
  add(who: string, where: string): void | Promise<void>;
}
