import { type Answer, ask } from '../processes/ask.ts';
import type { BenchSession } from '../processes/gateway-process.ts';
import type { Contender } from './contender.ts';

export interface AnswerCheckInput {
  readonly contender: Contender;
  /** A live session. */
  readonly session: BenchSession;
  /** A cookie of a session that was logged out. */
  readonly endedCookie: string;
  readonly forgedCookie: string;
  /** What each of them is to be answered with. */
  readonly refusedStatus: number;
}

const mirrorPath = '/api/mirror';

/** As hex digits, or as a UUID. */
const requestId = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const spoofed = {
  'X-UserInfo': '{"username":"root","role":"staffuser","groups":[]}',
  X_UserInfo: 'root',
  'X-Request-ID': '00000000000000000000000000000000',
  Authorization: 'Bearer spoofed',
  'X-Forwarded-For': '203.0.113.9',
  'X-Forwarded-Proto': 'gopher',
  'X-Forwarded-Host': 'spoofed.example',
};

/** The fields of a head that the upstream got, names as they were. */
function fieldsOf(head: string): [string, string][] {
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}

/** X-UserInfo, X_UserInfo and X.UserInfo are one name to many an application. */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

function hasUsername(identity: string | undefined, username: string): boolean {
  try {
    const value: unknown = JSON.parse(identity ?? '');
    return (
      typeof value === 'object' &&
      value !== null &&
      'username' in value &&
      value.username === username
    );
  } catch {
    return false;
  }
}

type ValuesOf = (name: string) => string[];

/** Of the head that the upstream got. */
function valuesIn(answer: Answer): ValuesOf {
  const fields = fieldsOf(answer.body);
  return (name) =>
    fields.filter(([key]) => canonical(key) === canonical(name)).map(([, value]) => value);
}

/** What everybody does who is more than a relay: whatever the client says of itself is replaced. */
function describedProblems(valuesOf: ValuesOf, { isSecure, port }: Contender): string[] {
  const problems: string[] = [];
  const requestIds = valuesOf('X-Request-ID');
  if (requestIds.length !== 1 || !requestId.test(requestIds[0] ?? '')) {
    problems.push('the upstream got no request id of 128 bits');
  }
  if (requestIds[0] === spoofed['X-Request-ID']) problems.push('the request id is the client’s');
  if (valuesOf('Authorization').length > 0) problems.push('Authorization reached the upstream');
  const described = {
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Proto': isSecure ? 'https' : 'http',
    'X-Forwarded-Host': `127.0.0.1:${port}`,
  };
  for (const [name, value] of Object.entries(described)) {
    const values = valuesOf(name).join(' | ');
    if (values !== value) problems.push(`${name} is “${values}”, not “${value}”`);
  }
  return problems;
}

/** What is wrong with the head that reached the upstream behind an authenticating contender. */
function forwardedProblems(answer: Answer, { contender, session }: AnswerCheckInput): string[] {
  if (answer.status !== 200) return [`a live session is answered ${answer.status}`];
  const problems: string[] = [];
  const valuesOf = valuesIn(answer);
  const identities = valuesOf('X-UserInfo');
  if (identities.length !== 1) problems.push(`the upstream got ${identities.length} X-UserInfo`);
  if (!hasUsername(identities[0], session.username)) {
    problems.push(`X-UserInfo does not name ${session.username}: ${identities[0]}`);
  }
  problems.push(...describedProblems(valuesOf, contender));
  const [token = ''] = session.cookie.split('=').slice(1);
  if (answer.body.includes(token)) problems.push('our session cookie reached the upstream');
  if (!valuesOf('Cookie').includes('app=1')) problems.push('the application’s cookie is lost');
  return problems;
}

/** Checks of one that authenticates and forwards. */
export async function checkForwarding(input: AnswerCheckInput): Promise<string[]> {
  const { contender, session } = input;
  const { bodyBytes, isSecure, port } = contender;
  const fields = { ...spoofed, Cookie: `app=1; ${session.cookie}` };
  const answer = await ask({ port, isSecure, path: mirrorPath, fields, ...post(bodyBytes) });
  const problems = forwardedProblems(answer, input);
  if (bodyBytes !== undefined && !answer.body.includes(`\r\nX-Body-Bytes: ${bodyBytes}\r\n`)) {
    problems.push(`the upstream did not get the ${bodyBytes} octets of the body`);
  }
  return [...problems, ...(await refusalProblems(input))];
}

/** Checks of one that forwards and authenticates nobody: no identity reaches the upstream, least of all a spoofed one. */
export async function checkDescribing({ contender }: AnswerCheckInput): Promise<string[]> {
  const { isSecure, port } = contender;
  const answer = await ask({ port, isSecure, path: mirrorPath, fields: spoofed });
  if (answer.status !== 200) return [`a request is answered ${answer.status}`];
  const valuesOf = valuesIn(answer);
  const problems = describedProblems(valuesOf, contender);
  if (valuesOf('X-UserInfo').length > 0) problems.push('a spoofed X-UserInfo got through');
  return problems;
}

function post(bodyBytes: number | undefined) {
  return bodyBytes !== undefined && { method: 'POST', body: 'b'.repeat(bodyBytes) };
}

async function refusalProblems(input: AnswerCheckInput): Promise<string[]> {
  const { port, path, isSecure } = input.contender;
  const problems: string[] = [];
  const refused: readonly (readonly [string, Record<string, string>])[] = [
    ['no cookie', {}],
    ['a forged cookie', { Cookie: input.forgedCookie }],
    ['a session that was logged out', { Cookie: input.endedCookie }],
  ];
  for (const [what, fields] of refused) {
    const { status } = await ask({ port, path, isSecure, fields: { ...fields, ...spoofed } });
    if (status !== input.refusedStatus) {
      problems.push(`${what} is answered ${status}, not ${input.refusedStatus}`);
    }
  }
  return problems;
}

/** Checks of `/validate` asked directly. */
export async function checkValidate(input: AnswerCheckInput): Promise<string[]> {
  const { port, path } = input.contender;
  const { session } = input;
  const answer = await ask({ port, path, fields: { ...spoofed, Cookie: session.cookie } });
  const problems: string[] = [];
  if (answer.status !== 200) problems.push(`a live session is answered ${answer.status}`);
  const identity = answer.fields['x-userinfo'];
  if (typeof identity !== 'string' || !hasUsername(identity, session.username)) {
    problems.push(`X-UserInfo does not name ${session.username}`);
  }
  return [...problems, ...(await refusalProblems(input))];
}

/** That the timed request itself is answered as it must be. */
export async function checkTimedRequest(contender: Contender): Promise<string[]> {
  const { bodyBytes, port, path, isSecure, expectedStatus } = contender;
  const [Cookie] = contender.cookies;
  const fields = Cookie === undefined ? {} : { Cookie };
  const { status } = await ask({ port, path, isSecure, fields, ...post(bodyBytes) });
  return status === expectedStatus ? [] : [`answered ${status}, not ${expectedStatus}`];
}
