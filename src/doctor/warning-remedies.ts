/** What to do about a warning of the configuration, by words that only it has. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/published passwords/, 'make hashes with `portcullis hash`, or remove those users'],
  [/as plain text/, 'put what `portcullis hash` prints in the place of the passwords'],
  [/does not verify its database/, 'set tls.mode: verify, and tls.caFile to its authority'],
  [/to Redis at .* in the clear/, 'set sessions.store.secure: true and its tls.caFile'],
  [/does not verify Redis/, 'set sessions.store.tls.verify: true and its tls.caFile'],
  [/in trustedPeers/, 'name in trustedPeers only the proxies that ask, such as 10.0.0.5/32'],
  [/in trustedProxies/, 'name in trustedProxies only your own proxies, such as 10.0.0.5/32'],
  [/connectionsPerAddressMax/, 'set limits.connectionsPerAddressMax, such as 100'],
  [/without TLS/, 'give the listener tls with a certificate, or secure: true behind a terminator'],
  [/believes any certificate/, 'set tls.verify: true, and tls.caFile to the authority'],
  [/has a tls section/, 'begin its servers with https://, or take the section out'],
  [/admin is open/, 'bind admin.address to loopback or to a network of operators'],
  [/login\.throttle is off/, 'take login.throttle.enabled: false out'],
  [/nobody can get a session/, 'add a route with endpoint: loginPage or endpoint: login'],
  [/nobody can log in/, 'add users to a directory that login.directories names'],
  [/while their store cannot be asked/, 'take serveStale out where a late logout matters'],
  [/is never reached/, 'remove the later route, or give it a condition of its own'],
  [/is used by no|is not in login/, 'use it, or take it out'],
  [/without a session$/, 'give the route auth: session and a requirement'],
];

export function remedyFor(warning: string): string {
  const found = remedies.find(([words]) => words.test(warning));
  return (
    found?.[1] ?? 'change it, or leave it if it is meant; `portcullis schema` has every option'
  );
}
