import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { Front, nginxCommand, nginxFrame } from './front.ts';
import { projectRoot, type Gateway } from './gateway.ts';
import { markdownTable } from './markdown-table.ts';

/**
 * What the clients of Tyke's rows come through: the edge, or the NGINX of `compat-nginx/oss` that asks /validate. A
 * project of vitest says it.
 */
export const tykeFront = process.env['PORTCULLIS_TEST_FRONT'] === 'nginx' ? 'nginx' : 'edge';

export interface OssNginx {
  readonly controlPort: number;
  readonly upstreamPort: number;
  readonly cookieName: string;
  readonly identityField?: string;
  /** Further files of `compat-nginx/oss` in the place of the one that asks about each request. */
  readonly template?: string;
}

/** The text of a template of `compat-nginx/oss` with these values. */
export async function ossTemplate(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await readFile(join(projectRoot, 'compat-nginx/oss', name), 'utf8');
  return text.replaceAll(/\$\{([A-Z_]+)\}/g, (_, word: string) => {
    const value = values[word];
    if (value === undefined) throw new Error(`${name}: nothing to put for ${word}`);
    return value;
  });
}

/** The real NGINX with the very files that are shipped. */
export async function startOssNginx(options: OssNginx): Promise<Front> {
  const [port = 0] = await freePorts(1);
  const template = options.template ?? 'auth-request.conf.template';
  const text = await ossTemplate(template, {
    CACHE_DIRECTORY: '{folder}/validated',
    EDGE_ADDRESS: `127.0.0.1:${String(port)}`,
    UPSTREAM_ADDRESS: `127.0.0.1:${String(options.upstreamPort)}`,
    CONTROL_ADDRESS: `127.0.0.1:${String(options.controlPort)}`,
    COOKIE_NAME: options.cookieName,
  });
  const files = {
    'nginx.conf': await nginxFrame(),
    'conf.d/portcullis.conf': renamed(text, options.identityField ?? 'X-UserInfo'),
  };
  return await Front.start('nginx', port, files, nginxCommand);
}

/** The port that clients of Tyke's rows come to; the control listener of the gateway has to have `validate`. */
export async function startTykeFront(
  gateway: Gateway,
  upstreamPort: number,
  stack: AsyncDisposableStack,
): Promise<number> {
  if (tykeFront === 'edge') return gateway.edge;
  const controlPort = gateway.control;
  const nginx = await startOssNginx({ controlPort, upstreamPort, cookieName: 'portcullis' });
  return stack.use(nginx).port;
}

/** What the NGINX of `compat-nginx/oss` asks the control listener. */
export const controlOfOss = ['login', 'logout', 'session', 'validate'].map((endpoint) => ({
  exactPath: `/${endpoint}`,
  endpoint,
}));

/** As the README says: another field is written down in both places, and X-UserInfo is still removed. */
function renamed(text: string, field: string): string {
  if (field === 'X-UserInfo') return text;
  const variable = field.toLowerCase().replaceAll('-', '_');
  return text
    .replaceAll('upstream_http_x_userinfo', `upstream_http_${variable}`)
    .replace(
      'proxy_set_header X-UserInfo $portcullis_identity;',
      `proxy_set_header X-UserInfo "";\n        proxy_set_header ${field} $portcullis_identity;`,
    );
}

/** What a row of the table of exceptions says of this front; undefined where the row is no exception. */
export async function exceptionOf(row: string): Promise<string | undefined> {
  const text = await readFile(join(projectRoot, 'compat-nginx/oss/README.md'), 'utf8');
  return markdownTable(text, 'Where it differs').get(row)?.[tykeFront];
}
