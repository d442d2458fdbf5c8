/**
 * One server of a group and what its failures say of it. Passive, as NGINX has it: `maxFails` failures within
 * `failTimeoutMs` put it out of service for `failTimeoutMs`; then one request tries it again.
 */
export class UpstreamServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly #maxFails: number;
  readonly #failTimeoutMs: number;
  #fails = 0;
  #windowEndMs = 0;
  #downUntilMs = 0;

  /** `maxFails` 0: never out of service. */
  constructor(host: string, port: number, maxFails: number, failTimeoutMs: number) {
    this.name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.host = host;
    this.port = port;
    this.#maxFails = maxFails;
    this.#failTimeoutMs = failTimeoutMs;
  }

  isInService(nowMs: number): boolean {
    return nowMs >= this.#downUntilMs;
  }

  failed(nowMs: number): void {
    if (this.#maxFails === 0) return;
    if (nowMs >= this.#windowEndMs) {
      this.#fails = 0;
      this.#windowEndMs = nowMs + this.#failTimeoutMs;
    }
    if (++this.#fails >= this.#maxFails) this.#downUntilMs = nowMs + this.#failTimeoutMs;
  }

  succeeded(): void {
    this.#fails = 0;
    this.#downUntilMs = 0;
  }
}
