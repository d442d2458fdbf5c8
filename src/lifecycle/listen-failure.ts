const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use by another process',
  EACCES: 'this user may not open that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'that name has no address',
};

/** One sentence for a person who started the gateway: which address cannot be listened on, and why. */
export function listenFailure(address: string, error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const reason = typeof code === 'string' ? (reasons[code] ?? code) : String(error);
  return `Cannot listen on ${address}: ${reason}.`;
}
