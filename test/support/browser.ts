import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { patientMs } from './patience.ts';

/** Debian's. Nothing of it talks to anybody but the pages under test. */
const launchOptions = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ ...launchOptions, timeout: patientMs(20_000) });
}

/** A person at a browser: a cookie jar of its own, a language, perhaps without scripts. */
export interface Visit extends AsyncDisposable {
  readonly browser: BrowserContext;
  readonly page: Page;
  /** What the browser complained about: policies broken, requests failed, addresses elsewhere. */
  readonly complaints: string[];
}

export interface VisitOptions {
  readonly locale?: string;
  readonly javaScriptEnabled?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** The only origin whose addresses may be asked for. */
  readonly origin?: string;
  readonly colorScheme?: 'light' | 'dark';
}

export async function visit(
  browser: Browser,
  { origin, ...options }: VisitOptions = {},
): Promise<Visit> {
  const own = await browser.newContext(options);
  own.setDefaultTimeout(patientMs(10_000));
  const complaints: string[] = [];
  own.on('console', (message) => {
    // A refused login or a missing page is a status that the test itself looks at.
    const isStatus = /Failed to load resource: the server responded with a status/.test(
      message.text(),
    );
    if (['error', 'warning'].includes(message.type()) && !isStatus) complaints.push(message.text());
  });
  own.on('weberror', (error) => complaints.push(String(error.error())));
  own.on('request', (request) => {
    const url = request.url();
    if (origin !== undefined && !url.startsWith('data:') && !url.startsWith(`${origin}/`)) {
      complaints.push(`asked for ${url}`);
    }
  });
  const page = await own.newPage();
  return {
    browser: own,
    page,
    complaints,
    [Symbol.asyncDispose]: () => own.close(),
  };
}
