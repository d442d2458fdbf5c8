import { isPublishedSecret } from './published.ts';

export const secretCharactersMin = 32;
const distinctCharactersMin = 8;

/**
 * What makes a secret unfit to seal session tokens with, as the end of a sentence that never quotes
 * it; null for a fit one. Whoever knows or guesses the key can be anybody, and a token that was
 * seen lets them guess at leisure. 32 characters of base64 are 192 bits. Real variety cannot be
 * measured, only its plain absence.
 */
export function weaknessOf(secret: string): string | null {
  if (isPublishedSecret(secret)) return 'is a published secret that everybody knows';
  if (secret.length < secretCharactersMin) return `has only ${secret.length} characters`;
  if (new Set(secret).size < distinctCharactersMin) return 'has too few different characters';
  if (isRepetition(secret)) return 'repeats one short piece';
  if (isSequence(secret)) return 'runs along the alphabet';
  return null;
}

/** A piece that comes at least three times, such as `password1!password1!password1!pas`. */
function isRepetition(secret: string): boolean {
  for (let length = 1; length <= secret.length / 3; length++) {
    if (secret.startsWith(secret.slice(length))) return true;
  }
  return false;
}

/**
 * More than half of the characters are the neighbours of the one before, as in `abcdefgh…` or
 * `98765432…`.
 */
function isSequence(secret: string): boolean {
  let neighbours = 0;
  for (let at = 1; at < secret.length; at++) {
    if (Math.abs(secret.charCodeAt(at) - secret.charCodeAt(at - 1)) <= 1) neighbours += 1;
  }
  return neighbours > secret.length / 2;
}
