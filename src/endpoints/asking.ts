import type { Asking } from '../http/answers.ts';
import { isNavigation } from '../http/navigation.ts';
import { isOwnOrigin } from '../http/origin-check.ts';
import type { EndpointRequest } from './endpoint.ts';

/** How this request wants to be answered. */
export function askingOf(request: EndpointRequest): Asking {
  return {
    isSecure: request.isSecure,
    wantsHtml: isNavigation(request.method, request),
  };
}

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
