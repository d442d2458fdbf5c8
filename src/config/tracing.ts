import { flag, oneOf, optionBlock } from './kinds.ts';

/** W3C Trace Context, as upstreams get it. */
export interface TracingConfig {
  /** Every request that is forwarded has a `traceparent`. */
  readonly traceparent: boolean;
  /** Whose traces go on; of everybody else a new one begins here. */
  readonly continueFrom: 'everybody' | 'trustedProxies';
  /** Whether traces that begin here are to be recorded. */
  readonly sampled: boolean;
}

export const tracingOptions = optionBlock({
  traceparent: flag()
    .default(true)
    .describe(
      'Whether upstreams get a `traceparent` (W3C Trace Context) with every request: the trace that ' +
        'came with it under a new parent id, or a new trace whose id is that of the request. The id ' +
        'is in the access log. On by default: it costs upstreams nothing. Off: both fields pass as ' +
        'they come.',
    ),
  continueFrom: oneOf(['everybody', 'trustedProxies'])
    .default('everybody')
    .describe(
      'Whose traces go on: `everybody` (the default), because pages begin traces in browsers, or ' +
        '`trustedProxies` of the listener only. Clients whose traces go on choose the trace id and ' +
        'whether it is recorded: they can fill the storage of a tracing system.',
    ),
  sampled: flag()
    .default(true)
    .describe(
      'Whether traces that begin here say that they are to be recorded. True by default: many ' +
        'applications record what says so and nothing else. False: only traces that came so are.',
    ),
}).describe('Traces across services (W3C Trace Context).');
