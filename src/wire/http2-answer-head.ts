import type {
  OutgoingHttpHeaders,
  ServerHttp2Stream,
  ServerStreamResponseOptions,
} from 'node:http2';
import type { Http2Fields } from './http2-fields.ts';

const refusal = /^Header field "(.+)" must only have a single value$/s;

/** The field that the library wants once; null: it is another error. */
function singleOf(error: unknown): string | null {
  return error instanceof Error ? (refusal.exec(error.message)?.[1] ?? null) : null;
}

/**
 * Begins an answer. Versions of Node 24 that do not know `strictSingleValueFields` throw where an upstream says twice
 * what is to be said once, and that would end the process: there the first counts, as for most clients.
 */
export function sendHead(
  stream: ServerHttp2Stream,
  fields: Http2Fields,
  options: ServerStreamResponseOptions,
): void {
  const once: string[] = [];
  for (;;) {
    try {
      stream.respond(once.length === 0 ? fields : withFirstOf(fields, once), options);
      return;
    } catch (error) {
      const name = singleOf(error);
      if (name === null || once.includes(name)) throw error;
      once.push(name);
    }
  }
}

/** An interim answer, which is of no use to anybody where it has to be mended. */
export function sendInterimHead(stream: ServerHttp2Stream, fields: OutgoingHttpHeaders): void {
  try {
    stream.additionalHeaders(fields);
  } catch (error) {
    if (singleOf(error) === null) throw error;
  }
}

/** The fields, and of those named only the first. */
export function withFirstOf(fields: Http2Fields, names: readonly string[]): Http2Fields {
  const seen = new Set<string>();
  const kept: Http2Fields = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [name = '', value = ''] = [fields[at], fields[at + 1]];
    if (names.includes(name) && seen.has(name)) continue;
    seen.add(name);
    kept.push(name, value);
  }
  return kept;
}
