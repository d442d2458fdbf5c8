import { FieldList } from '../http/field-list.ts';
import { LENGTH_UNKNOWN } from './request-head.ts';

/** How the end of an answer's body is known (RFC 9112 §6.3). */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'close';

/** One response head of an upstream. An upstream connection has one and uses it again. */
export class ResponseHead {
  readonly fields = new FieldList();
  minor = 1;
  status = 0;
  reason = '';
  contentLength = LENGTH_UNKNOWN;
  isChunked = false;
  isCloseAsked = false;
  isKeepAliveAsked = false;
  nominated: string[] = [];
  framing: BodyFraming = 'none';

  reset(text: string): void {
    this.fields.reset(text);
    this.minor = 1;
    this.status = 0;
    this.reason = '';
    this.contentLength = LENGTH_UNKNOWN;
    this.isChunked = false;
    this.isCloseAsked = false;
    this.isKeepAliveAsked = false;
    if (this.nominated.length > 0) this.nominated = [];
    this.framing = 'none';
  }
}
