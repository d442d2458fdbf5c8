import { argon2Sync, randomBytes } from 'node:crypto';

export interface BenchUser {
  readonly username: string;
  readonly password: string;
  readonly role: string;
  readonly groups: readonly string[];
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** An argon2id hash that is checked in no time. Good for nothing but a benchmark of what happens after the login. */
export function cheapHash(password: string): string {
  const nonce = randomBytes(16);
  const hash = argon2Sync('argon2id', {
    message: password,
    nonce,
    memory: 8,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  });
  return `$argon2id$v=19$m=8,t=1,p=1$${base64(nonce)}$${base64(hash)}`;
}

/** Twenty people, so that a thousand sessions stay below the cap of sessions per user. */
export const benchUsers: readonly BenchUser[] = Array.from({ length: 20 }, (_, index) => ({
  username: `bench${index}`,
  password: randomBytes(12).toString('base64url'),
  role: 'physician',
  groups: ['group1', 'group2'],
}));
