/** What a first configuration is made of. */
export interface FirstConfiguration {
  /** As `servers` has it. */
  readonly server: string;
  readonly address: string;
  /** Null: any. */
  readonly host: string | null;
  /** Null: clear text. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
}

/** The text of `portcullis.yaml`. Values are written as JSON strings, which YAML reads as they are. */
export function firstConfiguration({ address, host, server, tls }: FirstConfiguration): string {
  const condition = host === null ? '' : `\n        host: ${JSON.stringify(host)}`;
  return `# Made by \`portcullis init\`. \`portcullis schema\` has every option, \`portcullis check\` says what is wrong with this
# file, \`portcullis doctor\` what is wrong around it. Paths are relative to the folder of this file.

listeners:
  # Where browsers and programs come in.
  edge:
    address: ${JSON.stringify(address)}
${tlsText(tls)}    routes:
      # A page for people; programs send {"username": …, "password": …} here.
      - exactPath: /auth/login
        endpoint: loginPage
      - exactPath: /auth/logout
        endpoint: logout
      - exactPath: /auth/session
        endpoint: session
      - exactPath: /auth/sessions
        endpoint: sessions
      # The application. Who has not logged in does not get there; it reads in X-UserInfo who it is.
      - path: /${condition}
        upstream: app

# The port of operators: /livez, /readyz, /metrics. It asks nobody for a password.
admin:
  address: 127.0.0.1:9099

upstreams:
  app:
    servers:
      - ${JSON.stringify(server)}

# Who may log in: \`portcullis users add NAME --config FILE\`.
directories:
  users:
    type: sqlite
    path: users.db

# Whoever has this role may act for others and end their sessions.
staff:
  roles:
    - staffuser

# They survive a restart. For several machines: type: redis.
sessions:
  store:
    type: sqlite
    path: sessions.db

tokens:
  keys:
    - id: key1
      secretFile: token-key
`;
}

function tlsText(tls: FirstConfiguration['tls']): string {
  if (tls === null) {
    return `    # For others than this machine: an address such as 0.0.0.0:443, and a certificate.
    # tls:
    #   certificates:
    #     - certFile: site.pem
    #       keyFile: site.key
`;
  }
  return `    tls:
      certificates:
        - certFile: ${JSON.stringify(tls.certFile)}
          keyFile: ${JSON.stringify(tls.keyFile)}
`;
}
