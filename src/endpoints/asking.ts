import { isOwnOrigin } from '../http/origin-check.ts';
import type { EndpointRequest } from './endpoint.ts';

/** Whether no foreign page made the client send this. */
export function isAskedByOwnSite(
  request: EndpointRequest,
  allowedOrigins: readonly string[],
): boolean {
  return isOwnOrigin({
    origin: request.field('origin'),
    secFetchSite: request.field('sec-fetch-site'),
    isSecure: request.isSecure,
    host: request.host,
    allowedOrigins,
  });
}
