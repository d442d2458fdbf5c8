import * as z from 'zod';
import type { Secret } from '../lib/secret.ts';
import { secretCharactersMin, weaknessOf } from './key-strength.ts';
import { listOf, optionBlock, text } from './kinds.ts';
import type { Part } from './read-options.ts';
import { partAt, readItems, readOptions, requireOption } from './read-options.ts';
import { readSecret, secretFile, secretText } from './secret-source.ts';

/** The keys that session tokens are sealed with. */
export interface TokensConfig {
  /** The first issues, all are accepted. Empty (memory store only): a random key per start. */
  readonly keys: readonly TokenKeyConfig[];
}

export interface TokenKeyConfig {
  /** Stands readable in every token; unique. */
  readonly id: string;
  /** At least 32 characters, not a published one. */
  readonly secret: Secret;
}

const remedy = `expected at least ${secretCharactersMin} random characters, as \`openssl rand -base64 48\` gives them`;

const keyOptions = optionBlock({
  id: text(/^[A-Za-z0-9_-]{1,16}$/, 'a key id of at most 16 letters, digits, - and _').describe(
    'Names the key in every token, readable for everybody: at most 16 letters, digits, - and _, ' +
      'unique. Never use one again for another secret.',
  ),
  secret: secretText('a secret')
    .optional()
    .describe(
      'At least 32 random characters, as `openssl rand -base64 48` gives them. Better from the ' +
        'environment or from secretFile than in this file. Whoever knows it can make a token ' +
        'for any session id they know.',
    ),
  secretFile: secretFile()
    .optional()
    .describe(
      'A file that holds the secret instead; relative to the folder of this configuration. One ' +
        'line break at its end is not part of it.',
    ),
});

const tokensFields = optionBlock({ keys: listOf(z.unknown(), 'keys').default([]) });

export const tokensOptions = optionBlock({
  keys: listOf(keyOptions, 'keys')
    .default([])
    .describe(
      'The first key seals new tokens, all are accepted: to change keys without logging anybody ' +
        'out, put the new one first and remove the old one after absoluteTimeout. None (the ' +
        'default): a random key at every start, which is enough for sessions in memory, since ' +
        'they end with the process too.',
    ),
}).describe('The keys that session tokens are sealed with.');

export function readTokens(part: Part, configPath: string): TokensConfig | undefined {
  const options = readOptions(tokensFields, part);
  if (options === undefined) return undefined;
  const ids = new Set<string>();
  const secrets = new Set<string>();
  const keys: TokenKeyConfig[] = [];
  for (const item of readItems(partAt(part, 'keys'))) {
    const key = readOptions(keyOptions.partial({ id: true }), item);
    if (key === undefined) continue;
    const { id } = key.value;
    requireOption(item, 'id', 'a key id such as key1');
    if (id !== undefined && ids.has(id)) reportRepeated(item, 'id');
    if (id !== undefined) ids.add(id);
    const secret = readSecret(key, { part: item, configPath, name: 'secret' });
    if (secret === undefined) continue;
    const source = key.value.secret === undefined ? 'secretFile' : 'secret';
    const weakness = weaknessOf(secret.reveal());
    if (weakness !== null) item.document.problems.add([...item.path, source], weakness, remedy);
    else if (secrets.has(secret.reveal())) reportRepeated(item, source);
    secrets.add(secret.reveal());
    if (id !== undefined) keys.push({ id, secret });
  }
  return { keys };
}

function reportRepeated(item: Part, name: 'id' | 'secret' | 'secretFile'): void {
  const message =
    name === 'id' ? 'is the id of an earlier key' : 'gives the secret of an earlier key';
  const expected = name === 'id' ? 'expected an id of its own' : 'expected a secret of its own';
  item.document.problems.add([...item.path, name], message, expected);
}
