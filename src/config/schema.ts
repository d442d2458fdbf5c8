import * as z from 'zod';
import { accessLogOptions } from './access-log.ts';
import { adminOptions } from './admin.ts';
import { auditOptions } from './audit.ts';
import { controlOptions } from './control.ts';
import { explainOptions } from './explain.ts';
import { reloadOptions } from './reload.ts';
import { coherenceOptions } from './coherence.ts';
import { cookieOptions } from './cookie.ts';
import { directoryOptions } from './directory.ts';
import { duration } from './duration.ts';
import { identityOptions } from './identity.ts';
import { nameExpected, namePattern, oneOf, optionBlock, text } from './kinds.ts';
import { listenerOptions } from './listener.ts';
import { logOptions } from './log.ts';
import { loginOptions } from './login.ts';
import { pagesOptions } from './pages.ts';
import { passwordsOptions } from './passwords.ts';
import { isBlock } from './read-options.ts';
import { rateLimitOptions } from './rate-limit.ts';
import { sessionsOptions } from './sessions.ts';
import { staffOptions } from './staff.ts';
import { tokenCacheOptions } from './token-cache.ts';
import { tokensOptions } from './tokens.ts';
import { tracingOptions } from './tracing.ts';
import { upstreamOptions } from './upstream.ts';
import { workersOption } from './workers.ts';
import { zoneOptions } from './zones.ts';

const shared = {
  answers: oneOf(['modern', 'tyke'])
    .default('modern')
    .describe(
      'Which status codes and bodies our own answers have: `modern` (the default) says 401 ' +
        'where a login is missing; `tyke` says 403, and the words that clients of Tyke know. No ' +
        'security rule depends on it.',
    ),
  workers: workersOption(),
  drainTimeout: duration({ min: '0s', max: '1h' })
    .prefault('30s')
    .describe(
      'How long a stopping gateway lets the requests in progress finish, 0s to 1h. Default 30s: ' +
        'what container platforms wait before they kill.',
    ),
};

const unread = z.unknown().optional();

/** The top of the file: its own options are read, its sections are left to their own readers. */
export const topFields = optionBlock({
  ...shared,
  log: unread,
  accessLog: unread,
  audit: unread,
  tracing: unread,
  listeners: unread,
  admin: unread,
  control: unread,
  reload: unread,
  explain: unread,
  upstreams: unread,
  rateLimits: unread,
  zones: unread,
  tokenCaches: unread,
  sessions: unread,
  coherence: unread,
  tokens: unread,
  cookie: unread,
  identity: unread,
  staff: unread,
  login: unread,
  directories: unread,
  pages: unread,
  passwords: unread,
} satisfies Record<keyof typeof wholeFile.shape, z.ZodType>);

const chosenName = text(namePattern, nameExpected);

const wholeFile = optionBlock({
  ...shared,
  log: logOptions.optional(),
  accessLog: accessLogOptions.optional(),
  audit: auditOptions.optional(),
  tracing: tracingOptions.optional(),
  listeners: z
    .record(chosenName, listenerOptions)
    .describe(
      'The addresses where clients are listened to, by a name of your choice. At least one.',
    ),
  admin: adminOptions.optional(),
  control: controlOptions.optional(),
  reload: reloadOptions.optional(),
  explain: explainOptions.optional(),
  upstreams: z
    .record(chosenName, upstreamOptions)
    .optional()
    .describe('The groups of servers that routes forward to, by a name of your choice.'),
  rateLimits: z
    .record(chosenName, rateLimitOptions)
    .optional()
    .describe('How many requests somebody may send, by a name of your choice that routes name.'),
  zones: z
    .record(chosenName, zoneOptions)
    .optional()
    .describe('Zones of keys and values that all nodes share, by a name of your choice.'),
  tokenCaches: z
    .record(chosenName, tokenCacheOptions)
    .optional()
    .describe('Tokens for upstreams, by a name of your choice that routes name.'),
  sessions: sessionsOptions.optional(),
  coherence: coherenceOptions.optional(),
  tokens: tokensOptions.optional(),
  cookie: cookieOptions.optional(),
  identity: identityOptions.optional(),
  staff: staffOptions.optional(),
  login: loginOptions.optional(),
  directories: z
    .record(chosenName, directoryOptions)
    .optional()
    .describe('The sources of users, by a name of your choice.'),
  pages: pagesOptions.optional(),
  passwords: passwordsOptions.optional(),
});

type Block = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (2020-12) of the file as it is written: for editors, which show the descriptions and
 * complete names.
 */
export function jsonSchema(): Block {
  const schema: Block = z.toJSONSchema(wholeFile, { io: 'input', target: 'draft-2020-12' });
  const { $schema, ...rest } = withEnvironment(schema);
  return {
    $schema,
    title: 'The configuration of Portcullis',
    ...rest,
    $defs: {
      environment: {
        type: 'string',
        pattern: '\\$\\{',
        description: 'Filled in from the environment: ${NAME} or ${NAME:-default}.',
      },
    },
  };
}

/**
 * Any value that is not free text may also come from the environment, and does not look like itself
 * then.
 */
function withEnvironment(schema: Block): Block {
  if (schema['type'] === 'object' || schema['type'] === 'array') {
    const entries = Object.entries(schema).map(([word, value]): [string, unknown] => {
      if (!isBlock(value)) return [word, value];
      if (word === 'items' || word === 'additionalProperties')
        return [word, withEnvironment(value)];
      return [word, word === 'properties' ? eachWithEnvironment(value) : value];
    });
    return Object.fromEntries(entries);
  }
  const { description, default: fallback, anyOf, oneOf: blocks, ...own } = schema;
  if (Array.isArray(blocks)) {
    // One of several kinds of block, which differ in their `type`.
    const kinds: readonly unknown[] = blocks;
    const forms = kinds.map((kind) => (isBlock(kind) ? withEnvironment(kind) : kind));
    return { ...(description === undefined ? {} : { description }), anyOf: forms };
  }
  if (anyOf === undefined && own['type'] === 'string' && Object.keys(own).length === 1)
    return schema;
  const forms: readonly unknown[] = Array.isArray(anyOf) ? anyOf : [own];
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [...forms, { $ref: '#/$defs/environment' }],
  };
}

function eachWithEnvironment(properties: Block): Block {
  const entries = Object.entries(properties).map(([name, value]): [string, unknown] => [
    name,
    isBlock(value) ? withEnvironment(value) : value,
  ]);
  return Object.fromEntries(entries);
}
