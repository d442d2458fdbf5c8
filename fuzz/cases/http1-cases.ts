import { mutateOctets } from '../../test/support/differential/octet-mutations.ts';
import { pervert } from '../../test/support/differential/perversions.ts';
import type { Random } from '../../test/support/differential/random.ts';
import { field, textOf, type RequestDraft } from '../../test/support/differential/request-draft.ts';
import { place, soundRequest } from '../../test/support/differential/sound-request.ts';
import { EDGE_NAMES } from '../gateway/certificates.ts';
import { answerScript } from './answers.ts';
import type { AnswerScript, Door, Http1Case, Leaving } from './fuzz-case.ts';

/** Where routes part, and what comes close to them. */
const TARGETS = [
  '/private/a',
  '/private/',
  '/private',
  '/x/../private/a',
  '/x/..;/private/a',
  '/private;p=1/a',
  '/private/;/../a',
  '/;x/private/a',
  '/%70rivate/a',
  '/private%2fa',
  '/private%5ca',
  '/private%3b/a',
  '/pri%21vate/a',
  '/pri!vate/a',
  '/x/%2e%2e/private/a',
  '/x/.%2e;/private/a',
  '//private//a',
  '/PRIVATE/a',
  '/%2570rivate/a',
  '/sealed/a',
  '/sealed/../private/a',
  '/auth/session',
  '/auth/logout?x=1',
  '/auth/login',
  '/ws/a',
];

/** What only the gateway may say of a client, in spellings that some application takes for the same. */
const FORGED = [
  field('X-UserInfo', 'forged'),
  field('x-userinfo', 'forged'),
  field('X_UserInfo', 'forged'),
  field('X.UserInfo', 'forged'),
  field('X-UserInfo_', 'forged'),
  field('X-Request-Id', 'f'.repeat(32)),
  field('X-Request-Id', 'forged'),
  field('X_Request_Id', 'forged'),
  field('X-Forwarded-For', '127.9.9.9'),
  field('X-Forwarded-Proto', 'https'),
  field('X-Forwarded-Host', 'evil'),
  field('X-Forwarded-Anything', 'evil'),
  field('Forwarded', 'for=1.2.3.4'),
  field('X-Real-IP', '127.9.9.9'),
  field('X-Original-URL', '/private/a'),
  field('Proxy', 'evil'),
  field('Connection', 'X-UserInfo, X-Request-Id, X-Forwarded-For, Cookie'),
  field('X-HTTP-Method-Override', 'DELETE'),
  field('Cookie', 'fuzz=forged'),
  field('Cookie', 'fuzz=; a=b'),
];

export function cutsOf(random: Random, text: string): number[] {
  const cuts = new Set<number>();
  for (let count = random.below(4); count > 0; count--) cuts.add(random.below(text.length + 1));
  if (random.chance(30)) {
    const lineEnd = text.indexOf('\r\n', random.below(text.length + 1));
    if (lineEnd >= 0) cuts.add(lineEnd + random.below(5));
  }
  return [...cuts].filter((at) => at > 0 && at < text.length).toSorted((one, other) => one - other);
}

export function answersOf(random: Random, index: number): AnswerScript[] {
  return Array.from({ length: 2 }, (_, turn) => answerScript(random, index, turn));
}

function leavingOf(random: Random): Leaving {
  const roll = random.below(1000);
  if (roll < 640) return 'fin';
  if (roll < 930) return 'answer';
  return roll < 996 ? 'reset' : 'hold';
}

/** What the generator knows nothing of: routes, sessions and what only the gateway may say. */
export function season(random: Random, draft: RequestDraft, sessions: readonly string[]): boolean {
  if (random.chance(35)) draft.target = random.pick(TARGETS);
  while (random.chance(12)) place(random, draft, { ...random.pick(FORGED) });
  if (!random.chance(15)) return false;
  place(random, draft, field('Cookie', random.pick(sessions)));
  return true;
}

/** Requests on one connection of HTTP/1.1, some of them spoilt. `sessions`: pairs for a Cookie field. */
export function http1Case(
  random: Random,
  index: number,
  door: Door,
  sessions: readonly string[],
): Http1Case {
  let text = '';
  let hasSession = false;
  do {
    const draft = soundRequest(random);
    if (door === 'secure' && random.chance(80)) {
      draft.fields = draft.fields.filter(({ name }) => name !== 'Host');
      place(random, draft, field('Host', random.chance(92) ? EDGE_NAMES[0] : EDGE_NAMES[1]));
    }
    if (door === 'strict' && random.chance(8)) draft.target = random.pick(ABSOLUTE);
    if (season(random, draft, sessions)) hasSession = true;
    if (random.chance(text === '' ? 42 : 15)) {
      do pervert(random, draft);
      while (random.chance(20));
    }
    text += textOf(draft);
  } while (random.chance(35));
  if (random.chance(18)) text = mutateOctets(random, text);
  return {
    kind: 'http1',
    index,
    door,
    text,
    cuts: cutsOf(random, text),
    leaving: leavingOf(random),
    answers: answersOf(random, index),
    hasSession,
  };
}

const ABSOLUTE = [
  'http://a/x',
  'http://a/private/a',
  'HTTP://A.Example/',
  'http://evil/',
  'http://a',
  'https://a.example:8080/x',
  'http://a@b/',
];
