import { hash } from 'node:crypto';
import { userKeyOf } from './memory-indexes.ts';

const characters = 24;

/**
 * What a store outside this process knows a user by, so that names of any length and spelling are one short word there,
 * and nobody reads them. (Who has a list of names can try them: it hides, it does not protect.)
 */
export function userHashOf(directory: string, subject: string): string {
  return hash('sha256', `portcullis user ${userKeyOf(directory, subject)}`, 'base64url').slice(
    0,
    characters,
  );
}
