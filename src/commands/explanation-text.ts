import type { Explanation } from '../gateway/explanation.ts';
import type { Removal } from '../gateway/removal.ts';
import { whoText } from './who-text.ts';

const removals: Readonly<Record<Removal, string>> = {
  'hop-by-hop': 'belongs to one connection',
  managed: 'only the gateway says this to upstreams',
  rewritten: 'written anew',
  'answered-here': 'the gateway answers it',
  authorization: 'is for the gateway (keepAuthorization: true lets it pass)',
  'method-override': 'would get around rules about methods',
  'odd-name': 'other readers may take it for another name (keepFields lets it pass)',
  nominated: 'the field Connection names it',
};

const situations: Readonly<Record<string, string>> = {
  noCookie: 'nobody is logged in: no session cookie came',
  duplicateCookie: 'the session cookie came twice, or not in one piece',
  malformedToken: 'the session cookie holds no token',
  forgedToken: 'the session cookie holds a token that was not made with our keys',
  unknownSession: 'there is no such session',
  expiredSession: 'the session has expired',
  revokedSession: 'the session was ended',
  noBearer: 'no bearer token came',
  bearerRefused: 'the bearer token is not good',
  tokenRefused: 'the token service wants to know who it is',
  forbidden: 'whoever it is, the route does not let him in',
  unavailable: 'the session store or a directory cannot be asked',
  notFound: 'no route takes it',
  notAllowed: 'whoever asks is no trusted peer',
  crossSite: 'a page of another site asks',
};

/** For a person at a terminal. */
export function explanationText(explanation: Explanation): string {
  const { client, head, listener, method, path, policy, principal, removed, target } = explanation;
  const { recent } = explanation;
  const rows: (readonly [string, string])[] = [
    ['listener', listener],
    ['client', client],
    ...(path === '' ? [] : [['path', path] as const]),
    ['route', explanation.route ?? 'none'],
    ...(policy === null ? [] : [['lets in', whoText(policy)] as const]),
    ...(policy === null || policy.rateLimits.length === 0
      ? []
      : [['limits', `${policy.rateLimits.join(', ')} (not counted here)`] as const]),
    ...(principal === null ? [] : [['user', userText(principal)] as const]),
    ['decision', decisionText(explanation)],
    ...(recent === undefined
      ? []
      : [['it was', `answered ${String(recent.status)} (${recent.outcome})`] as const]),
  ];
  const lines = [
    `${method} ${target}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(8)}  ${value}`),
  ];
  lines.push(...explanation.notes.map((note) => `  note      ${note}`));
  if (removed.length > 0) lines.push('', 'Taken out, or written anew:');
  for (const { name, value, why } of removed) {
    lines.push(`  ${name}: ${value}`, `      ${removals[why]}`);
  }
  if (head !== null) {
    const octets = head.split('\r\n').slice(0, -2);
    lines.push('', 'The upstream gets:', ...octets.map((line) => `  ${line}`));
  }
  return `${lines.map((line) => printable(line)).join('\n')}\n`;
}

function userText({ directory, groups, role, subject }: NonNullable<Explanation['principal']>) {
  const within = groups.length === 0 ? '' : `, in ${groups.join(', ')}`;
  return `${subject} (${directory}), ${role}${within}`;
}

function decisionText({ decision, reason, server, status }: Explanation): string {
  switch (decision) {
    case 'forwarded':
      return `forwarded to upstream ${reason}, ${server ?? 'none of whose servers can be asked now'}`;
    case 'refused':
      return `refused with ${String(status)}: ${reason}`;
    case 'answered': {
      const words = situations[reason];
      const why = words === undefined ? reason : `${reason}, ${words}`;
      return status === null ? `answered by ${reason}` : `answered ${String(status)}: ${why}`;
    }
  }
}

/** What came from a request must not move anybody's cursor. */
function printable(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]/g,
    (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}
