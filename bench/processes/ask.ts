import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';

export interface Question {
  readonly port: number;
  readonly path: string;
  /** Over TLS; whoever answers is believed. */
  readonly isSecure?: boolean;
  readonly method?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: http.Agent;
}

export interface Answer {
  readonly status: number;
  readonly fields: IncomingHttpHeaders;
  readonly body: string;
}

const timeoutMs = 30_000;

/** One request over the loopback address, its answer read whole. */
export async function ask(question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const open = question.isSecure === true ? https.request : http.request;
  const request = open(
    {
      ...(question.isSecure === true && { rejectUnauthorized: false }),
      host: '127.0.0.1',
      port: question.port,
      path: question.path,
      method: question.method ?? 'GET',
      headers: question.fields ?? {},
      timeout: timeoutMs,
      // Without an agent a connection of its own, which nobody can have closed in the meantime.
      agent: question.agent ?? false,
    },
    (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (piece: string) => {
        body += piece;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, fields: response.headers, body }),
      );
      response.on('error', reject);
    },
  );
  request.on('timeout', () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)));
  request.on('error', reject);
  request.end(question.body);
  return promise;
}
