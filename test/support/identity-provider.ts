import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';

export const audience = 'urn:portcullis:test';
/** By another name the provider does not warn about it at each start. */
class Memory extends MemoryAdapter {}

const clientSecret = 'a secret that only this test knows';

/** A private key as a JWK, as a provider is configured with. */
export type PrivateJwk = webcrypto.JsonWebKey & { readonly kid: string; readonly alg: string };

export function signingKey(kid: string, algorithm: 'RS256' | 'ES256' = 'RS256'): PrivateJwk {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}

/**
 * The real `oidc-provider` on a free port of the loopback. Users are clients that ask for tokens with their own
 * credentials (the subject of such a token is the client), because no browser is part of this.
 */
export class IdentityProvider implements AsyncDisposable {
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** `frozen` takes questions and never answers, `garbage` answers nonsense. */
  mood: 'well' | 'frozen' | 'garbage' = 'well';
  /** Claims that tokens carry beside their own. */
  claims: Readonly<Record<string, unknown>> = { groups: ['doctors', 'clinic'] };
  #server: Server = createServer();
  #port = 0;
  #answer: ReturnType<Provider['callback']> = async () => {};
  #held: ServerResponse[] = [];

  static async start(...keys: readonly PrivateJwk[]): Promise<IdentityProvider> {
    const provider = new IdentityProvider();
    await provider.launch();
    provider.rotate(...keys);
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** How often the keys were asked for. */
  get keyQuestions(): number {
    return this.asked.filter((path) => path === '/jwks').length;
  }

  /** From now on the provider has these keys, and signs with the first. */
  rotate(...keys: readonly PrivateJwk[]): void {
    const provider = new Provider(this.issuer, {
      adapter: Memory,
      jwks: { keys },
      ttl: { ClientCredentials: 600 },
      clients: ['alice', 'carol', 'zoe'].map((name) => ({
        client_id: name,
        client_secret: clientSecret,
        id_token_signed_response_alg: keys[0]?.alg,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      extraTokenClaims: () => this.claims,
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => audience,
          getResourceServerInfo: () => ({
            scope: '',
            audience,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
            jwt: { sign: { alg: keys[0]?.alg } },
          }),
        },
      },
    });
    this.#answer = provider.callback();
  }

  /** A token as the provider issues it. */
  async tokenFor(user: string): Promise<string> {
    const answer = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${encodeURIComponent(clientSecret)}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const body: unknown = await answer.json();
    const token: unknown = Reflect.get(Object(body), 'access_token');
    if (typeof token !== 'string') throw new Error(`no token: ${JSON.stringify(body)}`);
    return token;
  }

  /** Listens, again on the same port after `kill`. */
  async launch(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '');
      if (this.mood === 'frozen') this.#held.push(response);
      else if (this.mood === 'garbage') response.end('<html>nothing here</html>');
      else void this.#answer(request, response);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Its connections end without an answer, and nobody listens any more. */
  async kill(): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
    this.#held = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
