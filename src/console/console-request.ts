import type { ConsoleQuestion } from '../admin/console-port.ts';
import type { EndpointRequest } from '../endpoints/endpoint.ts';
import { readCookieField } from '../http/cookie-field.ts';
import type { SessionCookie } from '../http/set-cookie.ts';
import type { LiveSession } from '../session/live-session.ts';

/** Where staff log in on the operators' port. */
export const loginPath = '/console/login';

/** A question as endpoints read one, so that what is theirs need not be written twice. */
export function endpointRequestOf(
  question: ConsoleQuestion,
  cookie: SessionCookie,
  live: LiveSession | null = null,
): EndpointRequest {
  const { address, body, fields, host, isSecure, method, path, query, requestId } = question;
  const first = new Map(fields.toReversed());
  const cookieOf = (name: string): string | null => {
    const field = fields
      .filter(([key]) => key === 'cookie')
      .map(([, value]) => value)
      .join('; ');
    const { count, value } = readCookieField(field, name, []);
    return count === 1 ? value : null;
  };
  return {
    ...{ method, path, query, isSecure, host, requestId, live },
    loginUrl: loginPath,
    clientAddress: address,
    peerAddress: address,
    isRenewalDue: false,
    cookieToken: cookieOf(cookie.nameFor(isSecure)),
    body: Buffer.from(body),
    field: (name) => first.get(name),
    cookie: cookieOf,
    fieldLines: () => fields,
  };
}
