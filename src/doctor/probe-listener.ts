import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Address } from '../config/address.ts';

/** An upstream of ours for the time of a check: it keeps what it got, and shows it to whoever asked. */
export class ProbeListener implements AsyncDisposable {
  readonly #server: Server;
  #seen = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      const { rawHeaders } = request;
      const lines = rawHeaders.flatMap((name, index) =>
        index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}`] : [],
      );
      this.#seen += `${lines.join('\n')}\n`;
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
      response.end(`Headers(${lines.join(', ')})`);
    });
  }

  static async listen({ host, port }: Address): Promise<ProbeListener> {
    const probe = new ProbeListener();
    probe.#server.listen(port, host);
    await once(probe.#server, 'listening');
    return probe;
  }

  /** All fields of all requests so far. */
  get seen(): string {
    return this.#seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
