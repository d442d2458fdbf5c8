import { ask, type RawResponse } from './raw-client.ts';

/** What Chromium sends with a navigation, as far as we look at it. */
const navigation = [
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
];

/** A browser without the browser: a cookie jar, and the form of the page that it saw last. */
export class FormSession {
  readonly cookies = new Map<string, string>();
  /** The hidden field of the last page that had one. */
  token = '';
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  get cookieLine(): string {
    return `Cookie: ${[...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')}`;
  }

  async get(path: string, lines: readonly string[] = navigation): Promise<RawResponse> {
    return this.#send(`GET ${path} HTTP/1.1\r\nHost: a\r\n`, lines, '');
  }

  /** Posts exactly these fields; `lines` in place of what a browser says of itself. */
  async post(
    path: string,
    form: Readonly<Record<string, string>>,
    lines: readonly string[] = ['Origin: http://a', ...navigation],
  ): Promise<RawResponse> {
    const body = new URLSearchParams(form).toString();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const length = `Content-Length: ${String(body.length)}`;
    return this.#send(`POST ${path} HTTP/1.1\r\nHost: a\r\n`, [type, length, ...lines], body);
  }

  /** Posts these fields with the token of the last page. */
  async submit(path: string, form: Readonly<Record<string, string>>): Promise<RawResponse> {
    return this.post(path, { token: this.token, ...form });
  }

  async logIn(username = 'user1', password = 'pass1'): Promise<RawResponse> {
    return this.submit('/auth/login', { username, password });
  }

  async #send(start: string, lines: readonly string[], body: string): Promise<RawResponse> {
    const all = this.cookies.size === 0 ? lines : [this.cookieLine, ...lines];
    const head = all.map((line) => `${line}\r\n`).join('');
    const answer = await ask(this.#port, `${start}${head}Connection: close\r\n\r\n${body}`);
    for (const line of answer.values('set-cookie')) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    this.token = /name="token" value="([^"]+)"/.exec(answer.text())?.[1] ?? this.token;
    return answer;
  }
}
