import { FieldList } from '../http/field-list.ts';
import type { CanonicalHost } from '../http/host.ts';

/** What a Content-Length of a message without one reads as. */
export const LENGTH_UNKNOWN = -1;

/**
 * One request head, read and judged. A connection has one and uses it again for each request: whoever wants something
 * after the exchange copies it.
 */
export class RequestHead {
  readonly fields = new FieldList();
  method = '';
  /** As it came; origin-form, absolute-form or `*`. */
  target = '';
  /** 0 or 1: the minor version of HTTP/1. */
  minor = 1;
  /** Host without port, canonical; empty for HTTP/1.0 without Host. */
  host = '';
  /** Host with port, canonical; empty for HTTP/1.0 without Host. */
  authority = '';
  /** `LENGTH_UNKNOWN` without the field. */
  contentLength = LENGTH_UNKNOWN;
  isChunked = false;
  isCloseAsked = false;
  isKeepAliveAsked = false;
  isContinueExpected = false;
  hasCookie = false;
  /** How much body is read before it is refused; 0: any. The reader's word first, then the decision's. */
  bodyBytesMax = 0;
  /** The whole and unambiguous opening handshake of a WebSocket. */
  isWebSocket = false;
  /**
   * The last Host of the connection and what it came to: nearly every request repeats it. Copies of their own, for these
   * outlive the head.
   */
  lastHost: { readonly value: string; readonly canonical: CanonicalHost } | null = null;
  /** Lower-case names that the Connection field nominates, the two tokens of persistence left out. */
  nominated: string[] = [];

  get hasBody(): boolean {
    return this.isChunked || this.contentLength > 0;
  }

  reset(text: string): void {
    this.fields.reset(text);
    this.method = '';
    this.target = '';
    this.minor = 1;
    this.host = '';
    this.authority = '';
    this.contentLength = LENGTH_UNKNOWN;
    this.isChunked = false;
    this.isCloseAsked = false;
    this.isKeepAliveAsked = false;
    this.isContinueExpected = false;
    this.hasCookie = false;
    this.bodyBytesMax = 0;
    this.isWebSocket = false;
    if (this.nominated.length > 0) this.nominated = [];
  }
}
