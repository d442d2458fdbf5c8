const secure = new Set<number>();

/** A gateway that is being started says which of its ports speak TLS, so that clients do without being told. */
export function markSecurePort(port: number, isSecure: boolean): void {
  if (isSecure) secure.add(port);
  else secure.delete(port);
}

export function isSecurePort(port: number): boolean {
  return secure.has(port);
}
