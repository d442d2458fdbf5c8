import type { Reply } from '../http/reply.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';

const FIELDS: Reply['fields'] = [
  ['Content-Type', 'text/plain; charset=UTF-8'],
  ['Cache-Control', 'no-store'],
  // The text is the client's own: it must never be read as a page.
  ['X-Content-Type-Options', 'nosniff'],
];

/** Shows what a service behind us would see, on one line. */
export class Echo implements Endpoint {
  readonly bodyBytesMax = 0;

  answer(request: EndpointRequest): Reply {
    const lines = request.fieldLines().map(([name, value]) => `${name}: ${value}`);
    // Field values are bytes, one per character: they go back as they came.
    const body = Buffer.from(`Headers(${lines.join(', ')})`, 'latin1');
    return { status: 200, fields: FIELDS, body };
  }
}
