import { withoutBlanks } from '../http/blank.ts';

/** What the Connection fields of one head say (RFC 9110 §7.6.1). */
export interface ConnectionOptions {
  isCloseAsked: boolean;
  isKeepAliveAsked: boolean;
  nominated: string[];
}

/** Adds the tokens of one Connection value to `options`. */
export function readConnectionField(value: string, options: ConnectionOptions): void {
  // The two values that nearly every client sends.
  if (value === 'keep-alive') {
    options.isKeepAliveAsked = true;
    return;
  }
  if (value === 'close') {
    options.isCloseAsked = true;
    return;
  }
  for (const part of value.split(',')) {
    const token = withoutBlanks(part).toLowerCase();
    if (token === 'close') options.isCloseAsked = true;
    // With a tab beside it, Node's parser for one does not see it: the connection is not kept then.
    else if (token === 'keep-alive') options.isKeepAliveAsked ||= !part.includes('\t');
    else if (token !== '') options.nominated.push(token);
  }
}
