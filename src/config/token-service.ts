import { createPrivateKey } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { Secret } from '../lib/secret.ts';
import { readAuthorities } from './authorities.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { isFreeField } from './identity.ts';
import { listOf, oneOf, optionBlock, text, textThat } from './kinds.ts';
import { partAt, readItems, readOptions, type Part } from './read-options.ts';
import { readText } from './read.ts';

/** Who makes the tokens of a token cache. */
export type TokenServiceConfig = HttpTokenServiceConfig | SignerConfig;

/** A service that answers with a token as its body. */
export interface HttpTokenServiceConfig {
  readonly type: 'http';
  readonly url: string;
  /** The field that tells it the key. */
  readonly keyField: string;
  readonly timeoutMs: number;
  readonly tokenBytesMax: number;
  /** `jwt`: its `exp` is looked at; `text`: it is taken as it is. */
  readonly format: 'jwt' | 'text';
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null;
}

/** The gateway itself signs, for whoever is logged in. */
export interface SignerConfig {
  readonly type: 'signer';
  readonly algorithm: 'EdDSA' | 'ES256';
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeMs: number;
  /** The first signs; all are published. */
  readonly keys: readonly SignerKeyConfig[];
}

export interface SignerKeyConfig {
  readonly id: string;
  /** PKCS #8, PEM. */
  readonly pem: Secret;
}

const httpOptions = optionBlock({
  type: oneOf(['http'])
    .default('http')
    .describe('`http` (the default): a service is asked, and its answer is the token.'),
  url: textThat(
    isServiceUrl,
    /^https?:\/\/[^\s#@]+$/,
    'an address such as http://127.0.0.1:8090/token, without user and fragment',
  ).describe('Where tokens are asked for, with GET. Nothing of the client goes there but the key.'),
  keyField: textThat(
    isFreeField,
    /^[A-Za-z][A-Za-z0-9-]{0,63}$/,
    'a field name such as X-Token-Key',
  )
    .default('X-Token-Key')
    .describe('The request field that tells the service the key. Default `X-Token-Key`.'),
  timeout: duration({ min: '50ms', max: '30s' })
    .prefault('2s')
    .describe('How long it may take to its last byte, 50ms to 30s; then 503. Default 2s.'),
  tokenBytesMax: byteSize({ min: 64, max: 65_536 })
    .prefault('8KiB')
    .describe(
      'The longest token, 64 bytes to 64KiB; an answer that is longer is none. Default 8KiB: half ' +
        'of what most servers accept as the head of a request.',
    ),
  format: oneOf(['jwt', 'text'])
    .default('jwt')
    .describe(
      '`jwt` (the default): anything but a JWT is no token, and one is kept until shortly before ' +
        'its own end (`exp`). `text`: letters, digits and -._~+/= of any length, kept for the ' +
        'timeout of the zone; an error page of one word would be taken for a token.',
    ),
  caFile: text(/^[^\0]+$/, 'the path of a file')
    .optional()
    .describe('The authorities that certify the service, PEM. Default: the public ones.'),
}).describe('A service that answers with a token as its body.');

const signerKeyOptions = optionBlock({
  id: text(/^[A-Za-z0-9_.-]{1,64}$/, 'a key id of at most 64 letters, digits, -, _ and .').describe(
    'Names the key in tokens (`kid`) and in the JWKS; unique. Never use one again for another key.',
  ),
  keyFile: text(/^[^\0]+$/, 'the path of a file').describe(
    'The private key, PKCS #8 PEM (`openssl genpkey -algorithm ed25519`), relative to the folder of ' +
      'this configuration. Whoever has it can be anybody to the upstreams.',
  ),
});

const signerFields = {
  type: oneOf(['signer']).describe('`signer`: the gateway signs tokens for whoever is logged in.'),
  algorithm: oneOf(['EdDSA', 'ES256'])
    .default('EdDSA')
    .describe('The signature: `EdDSA` (Ed25519, the default) or `ES256` (P-256).'),
  issuer: text(/^\S{1,500}$/, 'an issuer such as https://gateway.example.org').describe(
    'The claim `iss`: who signs.',
  ),
  audience: text(/^\S{1,500}$/, 'an audience such as api').describe(
    'The claim `aud`: whom the tokens are for. Upstreams have to look at it, or a token for one of ' +
      'them is good at all.',
  ),
  lifetime: duration({ min: '5s', max: '1h' })
    .prefault('60s')
    .describe(
      'How long a token is good, 5s to 1h. Default 60s: for so long it outlives the session that it ' +
        'was made for, at whoever has got it.',
    ),
};

const signerOptions = optionBlock({
  ...signerFields,
  keys: listOf(signerKeyOptions, 'keys')
    .min(1, { error: 'a list of at least one key' })
    .describe(
      'The first key signs, all are published by the endpoint `jwks`: a new one is put last ' +
        'everywhere, then first, and the old one is removed when its last token has ended.',
    ),
}).describe('The gateway as the signer of short-lived tokens for its upstreams.');

export const tokenServiceOptions = z
  .discriminatedUnion('type', [httpOptions, signerOptions])
  .describe('Who makes the tokens.');

const kindOptions = z.looseObject({ type: oneOf(['http', 'signer']).default('http') });
const keyFields = signerKeyOptions.partial({ id: true, keyFile: true });
const signerReading = optionBlock({
  ...signerFields,
  keys: z.array(z.unknown(), { error: 'a list of at least one key' }).min(1, {
    error: 'a list of at least one key',
  }),
});

export function readTokenService(part: Part, configPath: string): TokenServiceConfig | undefined {
  const kind = readOptions(kindOptions, part);
  if (kind === undefined) return undefined;
  return kind.value.type === 'http'
    ? readHttpService(part, configPath)
    : readSigner(part, configPath);
}

function readHttpService(part: Part, configPath: string): HttpTokenServiceConfig | undefined {
  const options = readOptions(httpOptions, part);
  if (options === undefined) return undefined;
  const { caFile, format, keyField, timeout, tokenBytesMax, url } = options.value;
  const ca = caFile === undefined ? null : readAuthorities(caFile, part, configPath);
  if (ca === undefined) return undefined;
  return { type: 'http', url, keyField, timeoutMs: timeout, tokenBytesMax, format, ca };
}

function readSigner(part: Part, configPath: string): SignerConfig | undefined {
  const options = readOptions(signerReading, part);
  if (options === undefined) return undefined;
  const { algorithm, audience, issuer, lifetime } = options.value;
  const { problems } = part.document;
  const keys: SignerKeyConfig[] = [];
  for (const item of readItems(partAt(part, 'keys'))) {
    const key = readOptions(keyFields, item)?.value;
    if (key?.id === undefined || key.keyFile === undefined) {
      problems.add(item.path, 'is no key', 'expected an id and a keyFile');
      continue;
    }
    const { id } = key;
    if (keys.some((other) => other.id === id)) {
      problems.add(
        [...item.path, 'id'],
        'is the id of an earlier key',
        'expected an id of its own',
      );
    }
    const pem = readPrivateKey(resolve(dirname(configPath), key.keyFile), algorithm, item);
    if (pem !== undefined) keys.push({ id, pem });
  }
  return { type: 'signer', algorithm, issuer, audience, lifetimeMs: lifetime, keys };
}

function readPrivateKey(
  file: string,
  algorithm: SignerConfig['algorithm'],
  item: Part,
): Secret | undefined {
  const path = [...item.path, 'keyFile'];
  const { problems } = item.document;
  const expected = `expected a PKCS #8 PEM file with a private key for ${algorithm}, relative to this configuration`;
  const read = readText(file);
  if (read.kind === 'unreadable') {
    problems.add(path, `names a file that ${read.reason}`, expected);
    return undefined;
  }
  try {
    const { asymmetricKeyDetails, asymmetricKeyType } = createPrivateKey(read.text);
    const isFit =
      algorithm === 'EdDSA'
        ? asymmetricKeyType === 'ed25519'
        : asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1';
    if (isFit && /BEGIN PRIVATE KEY/.test(read.text)) return new Secret(read.text);
    problems.add(path, 'names a file with another kind of key', expected);
  } catch {
    problems.add(path, 'names a file without a private key', expected);
  }
  return undefined;
}

function isServiceUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { hash, password, username } = new URL(value);
  return hash === '' && username === '' && password === '';
}
