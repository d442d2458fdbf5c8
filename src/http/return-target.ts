/** A longer one is nobody's deep link. */
const targetMax = 2_000;

/** As it came: a path that begins with one slash, without blanks, controls, `\` and anything beyond ASCII. */
const rawPattern = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;
/** After one decoding: blanks are part of many a deep link, but not where a host could begin. */
const decodedPattern = /^\/(?![/\\ ])[\x20-\x5b\x5d-\x7e\x80-\xff]*$/;
const hostPattern = /^https:\/\/([a-z0-9.-]+(?::[0-9]{1,5})?)(?=$|[/?#])/;

/**
 * Where somebody may be sent after a login, a logout or an escalation: a path of this very site, or an https URL whose
 * exact host is allowed. Anything else is null, and home is where they go.
 *
 * Browsers take `/\host`, `//host` and `/<tab>/host` for another site, and a server on the way may decode what it gets:
 * so none of that is accepted, nor what becomes that when it is decoded once.
 */
export function safeReturnTarget(
  target: string | null | undefined,
  hosts: readonly string[],
): string | null {
  if (target === null || target === undefined || target.length > targetMax) return null;
  const host = hostPattern.exec(target)?.[1];
  if (host !== undefined) {
    if (!hosts.includes(host)) return null;
    const rest = target.slice('https://'.length + host.length);
    return rest === '' || isSafe(rest.startsWith('/') ? rest : `/${rest}`) ? target : null;
  }
  return isSafe(target) ? target : null;
}

function isSafe(target: string): boolean {
  return rawPattern.test(target) && decodedPattern.test(decodedOnce(target));
}

function decodedOnce(target: string): string {
  return target.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
