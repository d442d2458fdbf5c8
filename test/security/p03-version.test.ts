import { describe, it } from 'vitest';
import { bothAnswers, useScene } from '../support/scene.ts';

const body = 'Content-Length: 5\r\n\r\nhello';

describe.each(bothAnswers)('P3: only HTTP/1.0 and HTTP/1.1 are read, under %s', (answers) => {
  const scene = useScene({ answers });

  it.each([
    ['a bare LF that hides the version', `GET /public/x\nHost: a\r\n${body}`],
    ['a bare LF and no more', 'GET /public/x\nHost: a\r\n\r\n'],
    ['HTTP/0.9 in words', `GET /public/x HTTP/0.9\r\nHost: a\r\n${body}`],
    ['no version', `GET /public/x\r\nHost: a\r\n${body}`],
    ['HTTP/2.0', `GET /public/x HTTP/2.0\r\nHost: a\r\n${body}`],
    ['HTTP/1.2', 'GET /public/x HTTP/1.2\r\nHost: a\r\n\r\n'],
    ['HTTP/1', 'GET /public/x HTTP/1\r\nHost: a\r\n\r\n'],
    ['HTTP/01.1', 'GET /public/x HTTP/01.1\r\nHost: a\r\n\r\n'],
    ['HTTP/1.10', 'GET /public/x HTTP/1.10\r\nHost: a\r\n\r\n'],
    ['lower case', 'GET /public/x http/1.1\r\nHost: a\r\n\r\n'],
    ['another protocol', 'GET /public/x RTSP/1.0\r\nHost: a\r\n\r\n'],
  ])('%s is 505 and closes', async (_kind, bytes) => {
    await scene.refuses(bytes, 505);
  });
});
