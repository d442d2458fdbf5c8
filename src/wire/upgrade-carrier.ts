import { Agent, IncomingMessage } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { createProxyServer } from 'http-proxy-3';
import type { UpstreamConfig } from '../config/upstream.ts';
import { UpgradePort } from './upgrade-port.ts';
import type { UpstreamAddress } from './upstream-socket.ts';

/** Half-open, so that either side may say that it is done while the other goes on; Node's types do not know it here. */
const SETTINGS = { allowHalfOpen: true, keepAlive: false, noDelay: true };

/** A handshake as it goes upstream. */
export interface CarriedRequest {
  readonly address: UpstreamAddress;
  readonly config: UpstreamConfig;
  /** The whole head. */
  readonly requestText: string;
}

/** Carries upgrades to upstream servers. */
export interface Carrier {
  /** `failed` may be told more than once. */
  carry(request: CarriedRequest, port: UpgradePort, failed: (error: Error) => void): void;
}

/** On connections of their own. One per process. */
export class UpgradeCarrier implements Carrier {
  readonly #agent = new Agent(SETTINGS);
  // A session resumed is not verified again, and the cache does not know for whom it was.
  readonly #secureAgent = new SecureAgent({ ...SETTINGS, maxCachedSessions: 0 });
  readonly #proxy = createProxyServer({});

  constructor() {
    this.#proxy.on('proxyReqWs', (request, _req, port) => {
      const socket: unknown = port;
      if (!(socket instanceof UpgradePort)) return;
      // Spelled as the RFC has it, and every field is heard of: our own parser counts them.
      request.setHeader('Upgrade', 'websocket');
      request.maxHeadersCount = 0;
      socket.owner.requested(request);
    });
  }

  carry(request: CarriedRequest, port: UpgradePort, failed: (error: Error) => void): void {
    const { fields, target } = readHead(request.requestText);
    // Of the client's request the library reads these properties and never the socket.
    const message = Object.assign(new IncomingMessage(port as unknown as Socket), {
      method: 'GET',
      url: target,
      headers: fields,
      httpVersion: '1.1',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
    });
    const { address, config } = request;
    const { host, name, port: number, socketPath, tls } = address;
    const secured = tls?.optionsFor(name);
    const at = socketPath === null ? {} : { socketPath };
    const options = {
      target: { protocol: tls === null ? 'http:' : 'https:', host, port: number, ...at },
      agent: tls === null ? this.#agent : this.#secureAgent,
      secure: secured?.rejectUnauthorized !== false,
      // Goes into the options of the request as it is. Without a name Node would take that of Host.
      ssl: {
        servername: isIP(name) === 0 ? name : '',
        ...secured,
        maxHeaderSize: config.headBytesMax,
      },
      // The target is canonical: nobody reads it as a URL again.
      toProxy: true,
    };
    this.#proxy.ws(message, port, undefined, options, failed);
  }
}

/** Our own head, taken apart for a library that wants it so. */
function readHead(text: string): { target: string; fields: Record<string, string | string[]> } {
  const [start = '', ...lines] = text.split('\r\n');
  const fields = new Map<string, string | string[]>();
  const spellings = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const value = line.slice(colon + 2);
    const lower = line.slice(0, colon).toLowerCase();
    // The library looks for this one only so.
    const name = lower === 'upgrade' ? lower : (spellings.get(lower) ?? line.slice(0, colon));
    spellings.set(lower, name);
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : [known, value].flat());
  }
  return {
    target: start.slice(start.indexOf(' ') + 1, start.lastIndexOf(' ')),
    fields: Object.fromEntries(fields),
  };
}
