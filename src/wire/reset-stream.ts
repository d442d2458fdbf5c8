import type { ServerHttp2Stream } from 'node:http2';

/**
 * Ends a stream short of its end. Node's `close` ends the writable side first, so that the client would be told that the
 * answer is whole (END_STREAM) and only then that it is not; without a `_final` there is nothing to tell but the code.
 */
export function resetStream(stream: ServerHttp2Stream, code: number): void {
  stream._final = (done) => done();
  stream.close(code);
}
