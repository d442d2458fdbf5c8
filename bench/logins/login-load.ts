import { Agent, request } from 'node:http';
import { paced } from './paced.ts';

/** What somebody types, and whether it is right. */
export interface Attempt {
  readonly username: string;
  readonly password: string;
  readonly isRight: boolean;
}

export interface LoginJob {
  readonly kind: 'logins';
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Played in turn, each from an address of its own. */
  readonly attempts: readonly Attempt[];
}

export interface LoginResult {
  readonly statuses: Readonly<Record<string, number>>;
  /** One sentence for each answer that must not be. */
  readonly wrong: readonly string[];
  /** Of those who were let in, and of those who were refused for what they typed: from when they were due. */
  readonly checkedMs: readonly number[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly hasCookie: boolean;
  readonly retryAfter: string | undefined;
}

const timeoutMs = 60_000;

/** Loopback addresses: each attempt is from somewhere else. */
function addressOf(index: number): string {
  return `127.${1 + ((index >> 16) & 63)}.${(index >> 8) & 255}.${1 + (index & 127)}`;
}

/** What is wrong with an answer; null for nothing. */
function faultOf({ isRight, username }: Attempt, answer: Answer): string | null {
  const { body, hasCookie, retryAfter, status } = answer;
  switch (status) {
    case 200:
      if (!isRight) return `${username} was let in with what is not the password`;
      if (body !== JSON.stringify({ username })) return `${username} was let in as ${body}`;
      return hasCookie ? null : `${username} was let in without a cookie`;
    case 401:
      return isRight ? `${username} was refused with the right password` : null;
    case 429:
    case 503:
      if (retryAfter === undefined) return `${status} without Retry-After`;
      return hasCookie && !body.includes('error') ? `${status} with a cookie` : null;
    default:
      return `${username} was answered ${status}`;
  }
}

/** Logins at an even pace from many accounts and addresses; each answer is checked. */
export async function loadLogins(job: LoginJob): Promise<LoginResult> {
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  const checkedMs: number[] = [];
  const ends: Promise<void>[] = [];
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  await paced(job.perSecond, job.seconds, (index, dueMs) => {
    const attempt = job.attempts[index % job.attempts.length];
    if (attempt === undefined) return;
    ends.push(
      logIn(job.port, attempt, addressOf(index), agent).then(
        (answer) => {
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
          const fault = faultOf(attempt, answer);
          if (fault !== null && wrong.length < 20) wrong.push(fault);
          if (answer.status <= 401) checkedMs.push(performance.now() - dueMs);
        },
        (error: unknown) => {
          statuses['none'] = (statuses['none'] ?? 0) + 1;
          if (wrong.length < 20) wrong.push(String(error));
        },
      ),
    );
  });
  await Promise.all(ends);
  agent.destroy();
  return { statuses, wrong, checkedMs: checkedMs.toSorted((one, other) => one - other) };
}

async function logIn(
  port: number,
  { password, username }: Attempt,
  localAddress: string,
  agent: Agent,
): Promise<Answer> {
  const { promise, reject, resolve } = Promise.withResolvers<Answer>();
  const asked = request(
    {
      ...{ host: '127.0.0.1', port, localAddress, agent, timeout: timeoutMs },
      ...{ path: '/auth/login', method: 'POST' },
    },
    (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', reject).on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body,
          hasCookie: response.headers['set-cookie'] !== undefined,
          retryAfter: response.headers['retry-after'],
        }),
      );
    },
  );
  asked.on('error', reject);
  asked.on('timeout', () => asked.destroy(new Error('no answer')));
  asked.end(JSON.stringify({ username, password }));
  return await promise;
}
