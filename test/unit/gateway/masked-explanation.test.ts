import { expect, it } from 'vitest';
import type { Explanation } from '../../../src/gateway/explanation.ts';
import { maskedExplanation } from '../../../src/gateway/masked-explanation.ts';
import { maskedTarget } from '../../../src/gateway/masked-target.ts';

const secret = 'S3CR3T';

const explanation = (target: string, fields: readonly string[]): Explanation => ({
  ...{ listener: 'edge', method: 'GET', target, path: target, client: '127.0.0.1', route: null },
  ...{ policy: null, principal: null, decision: 'forwarded', reason: 'app', status: null },
  ...{ server: null, notes: [] },
  removed: fields.map((field) => {
    const [name = '', value = ''] = field.split(': ');
    return { name, value, why: 'managed' };
  }),
  head: [`GET ${target} HTTP/1.1`, ...fields, '', ''].join('\r\n'),
});

it.each([
  ...[
    '/x;jsessionid=S3CR3T',
    '/x%3bJSESSIONID=S3CR3T/y',
    '/cb?code=S3CR3T',
    '/cb?a=1&state=S3CR3T',
  ],
  ...['/x?%74oken=S3CR3T', '/x?sid=S3CR3T', '/x?jwt=S3CR3T', '/x?ticket=S3CR3T', '/x?key=S3CR3T'],
  ...['/x?sig=S3CR3T', '/x?X-Amz-Signature=S3CR3T', '/x?apikey=S3CR3T', '/x?SAMLResponse=S3CR3T'],
  ...['/x?a/b?token=S3CR3T', '/x?to%6ben%3DS3CR3T', '/x?next=%2Fcb%3Fcode%3DS3CR3T'],
  ...['/x?next=1%26token=S3CR3T', '/x?next=%252Fcb%253Fcode%253DS3CR3T', '/x#id_token=S3CR3T'],
  ...['/eyJhbGciOiJ.eyJzdWIi.S3CR3T', 'http://ada:S3CR3T@h/x', '/x?next=token=S3CR3T'],
])('what logs in is not shown of %s', (target) => {
  expect(maskedTarget(target)).not.toContain(secret);
  expect(JSON.stringify(maskedExplanation(explanation(target, []), []))).not.toContain(secret);
});

it.each([
  ...['Referer: https://h/cb?code=S3CR3T&token=S3CR3T', 'X-Original-URL: /x?token=S3CR3T'],
  ...[
    'X-Original-URI: /x;sid=S3CR3T',
    'X-Forwarded-Uri: /x?jwt=S3CR3T',
    'X_Rewrite_URL: /?key=S3CR3T',
  ],
  ...['Location: https://h/#access_token=S3CR3T', 'X-Goog-Iap-Jwt-Assertion: S3CR3T'],
  ...['X-Amzn-Oidc-Data: S3CR3T', 'Sec-WebSocket-Protocol: bearer, S3CR3T', 'X-Api-Key: S3CR3T'],
  ...['X-My-Token: S3CR3T', 'X-Client-Secret: S3CR3T', 'X-Plain: eyJhbGciOiJ.eyJzdWIi.S3CR3T'],
  ...['X-Sid: S3CR3T', 'Cookie: a=S3CR3T', 'X-Own: S3CR3T', 'Authorization: Bearer S3CR3T'],
  ...['X-Plain: a=1, token=S3CR3T', 'X-Plain: key=S3CR3T', 'X-Url: https://ada:S3CR3T@h/'],
])('what logs in is not shown of a field %s', (field) => {
  const shown = maskedExplanation(explanation('/', [field]), ['X-Own']);
  expect(JSON.stringify(shown)).not.toContain(secret);
});

it('what is no secret stays as it is', () => {
  const target = '/shop/a;v=2/cart?q=a+b&page=%32&next=%2Fhome&x==';
  const fields = [
    'Accept: text/html;q=0.9',
    'Referer: https://h/a?b=c',
    'X-UserInfo: {"a":"b;c"}',
    'Content-Type: multipart/form-data; boundary=x',
    'Cache-Control: max-age=0',
  ];
  const whole = explanation(target, [...fields, 'X-Own: (a token would be fetched)']);
  expect(maskedExplanation(whole, ['X-Own'])).toEqual(whole);
});
