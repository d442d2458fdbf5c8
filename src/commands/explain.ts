import { parseArgs } from 'node:util';
import type { ControlAnswer, ExplainingOrder, RecentOrder } from '../admin/control-order.ts';
import { explainOffline } from '../assembly/explain-offline.ts';
import type { Config } from '../config/config.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { loadConfig } from '../config/load.ts';
import type { Explanation } from '../gateway/explanation.ts';
import type { Principal } from '../identity/principal.ts';
import { configPathFrom } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { askGateway } from './control-client.ts';
import { explanationText } from './explanation-text.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'Show what would become of a request, and what an upstream would get',
  help: `Usage: portcullis explain METHOD URL [--header 'NAME: VALUE']...
                          [--cookie TEXT] [options]
       portcullis explain --request ID [options]

Shows how a request would be decided: its path in canonical form, the route and
whom that lets in, who it is, and our own answer or the exact head that an
upstream would get, with the fields that were taken out and why. It is the
pipeline itself that decides, but nothing is sent, logged or counted, and no
endpoint is run. Cookies and tokens are masked.

A URL that begins with ws:// or wss:// is the handshake of a WebSocket, by a
page of its own site unless --header 'Origin: URL' says another.

With --request it is one that has come, by its X-Request-Id, as it would be
decided now; the gateway remembers as many as \`explain.recentRequests\` says.

The running gateway is asked, over its control socket, so sessions are known. If
none runs, or with --offline or --as, the configuration alone is looked at. A
token that is not in a cache already is not fetched.

Options:
  --header TEXT      a field of the request; may be given more than once
  --cookie TEXT      its Cookie field
  --from ADDRESS     where the connection comes from (default 127.0.0.1)
  --listener NAME    by which listener it comes (default: the one with the port
                     of the URL, else the first)
  --as WHO           as somebody who is logged in: NAME[:ROLE[:GROUP,GROUP...]]
  --request ID       the id of a request, as the access log has it
  --offline          do not ask a running gateway
  --json             print one JSON object
  --config FILE      the configuration (default: $PORTCULLIS_CONFIG, else the
                     shipped one)
  --socket PATH      the control socket, in place of the one that the file names
  --help             show this text

Exit codes: 0 explained, 1 not explained, 2 the configuration has problems, or
wrong use.
`,
  run,
};

const options = {
  header: { type: 'string', multiple: true },
  cookie: { type: 'string' },
  from: { type: 'string' },
  listener: { type: 'string' },
  as: { type: 'string' },
  request: { type: 'string' },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
  config: { type: 'string' },
  socket: { type: 'string' },
} as const;

interface ExplainArguments {
  readonly order: ExplainingOrder | RecentOrder;
  readonly somebody: Principal | null;
  readonly isOffline: boolean;
  readonly isJson: boolean;
  readonly values: ReadonlyMap<string, string>;
}

async function run(args: readonly string[], io: CommandOutput): Promise<number> {
  const read = readExplainArguments(args);
  if (typeof read === 'string') {
    io.err(`portcullis explain ${read}\n`);
    return 2;
  }
  try {
    const { offlineWhy, answer } = await answerTo(read);
    if (answer.kind !== 'done') {
      io.err(`portcullis explain: ${answer.sentence}\n`);
      return 1;
    }
    // Both ends are of one package.
    const explanation = answer.value as Explanation;
    if (offlineWhy !== null) {
      io.err(
        `portcullis explain: ${offlineWhy}: by the configuration alone, no session is known\n`,
      );
    }
    io.out(
      read.isJson ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation),
    );
    return 0;
  } catch (error) {
    if (error instanceof ConfigProblems) io.err(error.format());
    else if (error instanceof ConfigUnreadable) io.err(`portcullis explain: ${error.message}\n`);
    else throw error;
    return error instanceof ConfigProblems ? 2 : 1;
  }
}

async function answerTo({
  isOffline,
  order,
  somebody,
  values,
}: ExplainArguments): Promise<{ offlineWhy: string | null; answer: ControlAnswer }> {
  let offlineWhy = null;
  if (!isOffline) {
    const asked = await askGateway(values, order);
    if (asked.kind === 'answered') return { offlineWhy, answer: asked.answer };
    const { isNobodyThere, sentence } = asked;
    if (values.has('socket') || order.deed === 'explainRecent' || !isNobodyThere) {
      return { offlineWhy, answer: { kind: 'unavailable', sentence } };
    }
    offlineWhy = sentence;
  }
  if (order.deed === 'explainRecent') throw new Error('asked without a gateway');
  const config = loadConfig(configPathFrom(values));
  const whole = { ...order, listener: listenerFor(config, order) };
  return { offlineWhy, answer: await explainOffline(config, whole, somebody) };
}

function listenerFor({ listeners }: Config, { listener, port }: ExplainingOrder): string | null {
  if (listener !== null) return listener;
  return (listeners.find((one) => one.port === port) ?? listeners[0])?.name ?? null;
}

function readExplainArguments(args: readonly string[]): ExplainArguments | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return 'knows the options that --help names';
  }
  const { positionals, values } = parsed;
  const [method, url, ...rest] = positionals;
  const common = {
    isOffline: values.offline === true || values.as !== undefined,
    isJson: values.json === true,
    values: new Map(
      [
        ['config', values.config],
        ['socket', values.socket],
      ].flatMap(([name, value]) =>
        name === undefined || value === undefined ? [] : [[name, value] as const],
      ),
    ),
  };
  if (values.request !== undefined) {
    const isAlone = method === undefined && !common.isOffline;
    if (!isAlone) return 'takes --request without a method, --as and --offline';
    const order = { deed: 'explainRecent' as const, requestId: values.request };
    return { ...common, order, somebody: null };
  }
  if (method === undefined || url === undefined || rest.length > 0) {
    return 'needs a method and a URL, such as GET http://localhost:8081/api/echo';
  }
  // By hand: what is to be explained may be no URL that a library lets stand as it is.
  const parts = /^(http|ws)(s?):\/\/([^/?#]*)(.*)$/s.exec(url);
  if (parts === null) return 'needs a URL that begins with http://, https://, ws:// or wss://';
  const [, scheme, secure = '', authority = '', target = ''] = parts;
  const lines = [
    `${method} ${target === '' ? '/' : target} HTTP/1.1`,
    ...(authority === '' ? [] : [`Host: ${authority}`]),
    ...(scheme === 'ws' ? handshakeOf(`http${secure}://${authority}`, values.header ?? []) : []),
    ...(values.header ?? []),
    ...(values.cookie === undefined ? [] : [`Cookie: ${values.cookie}`]),
  ];
  const port = /:(\d+)$/.exec(authority)?.[1];
  const somebody = values.as === undefined ? null : somebodyOf(values.as);
  if (somebody === undefined) return 'needs NAME[:ROLE[:GROUP,GROUP...]] after --as';
  return {
    ...common,
    order: {
      deed: 'explain',
      listener: values.listener ?? null,
      port: port === undefined ? (secure === 's' ? 443 : 80) : Number(port),
      from: values.from ?? '127.0.0.1',
      head: `${Buffer.from(lines.join('\r\n'), 'utf8').toString('latin1')}\r\n\r\n`,
    },
    somebody,
  };
}

/** What a browser sends of itself to open a WebSocket, from a page of the same site where nothing else is said. */
function handshakeOf(origin: string, fields: readonly string[]): readonly string[] {
  const isOriginSaid = fields.some((field) => /^origin:/i.test(field));
  return [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    // Any 16 octets will do.
    'Sec-WebSocket-Key: cG9ydGN1bGxpcyBhc2tzIQ==',
    ...(isOriginSaid ? [] : [`Origin: ${origin}`]),
  ];
}

function somebodyOf(text: string): Principal | undefined {
  const [subject = '', role = 'nobody', groups = ''] = text.split(':');
  if (subject === '' || role === '') return undefined;
  return {
    subject,
    directory: 'made up',
    role,
    groups: groups === '' ? [] : groups.split(','),
    attributes: {},
  };
}
