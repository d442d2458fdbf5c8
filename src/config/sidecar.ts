import { isCanonicalPath } from './canonical-path.ts';
import { listOf, nameExpected, namePattern, oneOf, optionBlock, text, textThat } from './kinds.ts';

export const sidecarProfiles = ['nginx', 'envoy', 'traefik', 'caddy', 'haproxy'] as const;

/** Whose questions they are: each proxy describes a request in its own way, and takes answers in its own way. */
export type SidecarProfile = (typeof sidecarProfiles)[number];

/** Where a proxy in front asks whether a request of its own may pass. */
export interface SidecarConfig {
  /** Exactly this; under `envoy`, which puts the path of its request behind it, everything below. Without a slash at its end. */
  readonly path: string;
  readonly profile: SidecarProfile;
  /** The listener whose routes decide, as if the request had come there. */
  readonly decidesAs: string;
}

const pathExpected =
  'a path in canonical form such as /sidecar/nginx: it begins with /, without //, . and .. segments, query, needless escapes and a / at its end';

const sidecarOptions = optionBlock({
  path: textThat(
    (value) => isCanonicalPath(value) && !value.endsWith('/'),
    /^\/[^?#\s\\]+$/,
    pathExpected,
  ).describe(
    'Where the proxy asks, such as `/sidecar/nginx`: this path alone, and under `envoy` everything ' +
      'below it. No default. It goes before the routes.',
  ),
  profile: oneOf(sidecarProfiles).describe(
    'Which proxy asks. `nginx`: X-Original-Method and X-Original-URL; the answers are 200, 401 and ' +
      '403, because auth_request takes all others for faults. `traefik`, `caddy`, `haproxy`: ' +
      'X-Forwarded-Method, -Proto, -Host and -Uri; what is not let through gets the answer of the ' +
      'edge itself. `envoy`: the request line with the path behind `path`, Host and ' +
      'X-Forwarded-Proto. No default.',
  ),
  decidesAs: text(namePattern, nameExpected).describe(
    'The listener whose routes decide, as if the request had come there: its `auth`, `require`, ' +
      'rate limits and origins of WebSockets hold. No default.',
  ),
});

export const sidecarsOption = listOf(
  sidecarOptions,
  'sidecars, each with path, profile and decidesAs',
)
  .default([])
  .describe(
    'Where proxies in front ask whether a request of theirs may pass; `trustedPeers` has their ' +
      'addresses, and X-Forwarded-For of theirs is believed. Such a proxy describes any request ' +
      'that it likes and learns whose cookie is whose. Default: none.',
  );
