import { request } from 'node:http';
import type { ControlAnswer, ControlOrder } from '../admin/control-order.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import { readControlSocket } from '../config/read-control.ts';
import { configPathFrom } from './arguments.ts';

export type Asked =
  | { readonly kind: 'answered'; readonly answer: ControlAnswer }
  /** Nobody was asked; the sentence says why. */
  | {
      readonly kind: 'unreached';
      readonly sentence: string;
      /** False: a gateway may run all the same. */
      readonly isNobodyThere: boolean;
    };

/** A roll over many workers takes its time. */
const ANSWER_MS = 600_000;

/** Asks the gateway that runs with this configuration, over its socket. */
export async function askGateway(
  values: ReadonlyMap<string, string>,
  order: ControlOrder,
): Promise<Asked> {
  const place = socketOf(values);
  if ('sentence' in place)
    return { kind: 'unreached', sentence: place.sentence, isNobodyThere: true };
  try {
    const text = await post(place.path, JSON.stringify(order));
    // Both ends are of one package.
    return { kind: 'answered', answer: JSON.parse(text) as ControlAnswer };
  } catch (error) {
    const code = codeOf(error);
    const isNobodyThere = code === 'ENOENT' || code === 'ECONNREFUSED';
    return { kind: 'unreached', sentence: reasonOf(error, place.path), isNobodyThere };
  }
}

function socketOf(values: ReadonlyMap<string, string>): { path: string } | { sentence: string } {
  const named = values.get('socket');
  if (named !== undefined) return { path: named };
  const config = configPathFrom(values);
  try {
    const path = readControlSocket(config, process.getuid?.() ?? 0);
    return path === null ? { sentence: `${config} says control.socket: none` } : { path };
  } catch (error) {
    if (error instanceof ConfigUnreadable) return { sentence: error.message };
    if (error instanceof ConfigProblems) {
      return { sentence: `${error.message}; see portcullis check` };
    }
    throw error;
  }
}

function post(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath, method: 'POST', path: '/', timeout: ANSWER_MS },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => {
          text += piece;
        });
        answer.once('end', () => resolve(text));
        answer.once('error', reject);
      },
    );
    asking.once('timeout', () => asking.destroy(new Error('it does not answer')));
    asking.once('error', reject);
    asking.end(body);
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no gateway runs with this configuration: there is no socket',
  ECONNREFUSED: 'no gateway runs with this configuration: nobody listens at',
  EACCES: 'only the user that the gateway runs as may open',
  EPERM: 'only the user that the gateway runs as may open',
};

function reasonOf(error: unknown, path: string): string {
  const reason = reasons[codeOf(error)];
  if (reason !== undefined) return `${reason} ${path}`;
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
