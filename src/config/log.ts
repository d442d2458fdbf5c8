import { oneOf, optionBlock } from './kinds.ts';

/** The gateway's own log: what it did and what went wrong, one line an event, to standard error. */
export interface LogConfig {
  /** The least severe level that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `json` for machines, `pretty` for a person at a terminal. */
  readonly format: 'json' | 'pretty';
}

export const logOptions = optionBlock({
  level: oneOf(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe(
      'The least severe level that is written. `info` by default: starts, stops, and what an ' +
        'operator has to know. `debug` writes several lines a request and is not for production.',
    ),
  format: oneOf(['json', 'pretty'])
    .default('json')
    .describe(
      '`json` (the default) is one object a line, for machines; `pretty` is for a person at a ' +
        'terminal, and its form may change with any version.',
    ),
}).describe(
  "The gateway's own log, to standard error. It never holds passwords, tokens or cookies.",
);
