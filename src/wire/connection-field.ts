/** What the Connection fields of one head say (RFC 9110 §7.6.1). */
export interface ConnectionOptions {
  isCloseAsked: boolean;
  isKeepAliveAsked: boolean;
  nominated: readonly string[];
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
    const token = part.trim().toLowerCase();
    if (token === 'close') options.isCloseAsked = true;
    else if (token === 'keep-alive') options.isKeepAliveAsked = true;
    else if (token !== '') options.nominated = [...options.nominated, token];
  }
}
