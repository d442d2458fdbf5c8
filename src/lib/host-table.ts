/**
 * Things by host name: `app.example.org`, or `*.example.org` for one label more. An exact name comes before a pattern;
 * what was there first stays.
 */
export class HostTable<Thing> {
  readonly #exact = new Map<string, Thing>();
  readonly #below = new Map<string, Thing>();

  add(name: string, thing: Thing): void {
    const isPattern = name.startsWith('*.');
    const map = isPattern ? this.#below : this.#exact;
    const key = isPattern ? name.slice(2) : name;
    if (!map.has(key)) map.set(key, thing);
  }

  /** `host`: lower case, without a port. */
  find(host: string): Thing | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    const dot = host.indexOf('.');
    return dot > 0 ? this.#below.get(host.slice(dot + 1)) : undefined;
  }
}
