import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, visit } from '../support/browser.ts';
import { Gateway } from '../support/gateway.ts';
import { waitFor } from '../support/wait-for.ts';

const MEBIBYTE = 1_048_576;

/** An application with one page, and a WebSocket that sends 1 MiB after the other without a pause. */
async function startApplication(): Promise<AsyncDisposable & { port: number; open(): number }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Application</title>');
  });
  const sockets = new WebSocketServer({ server });
  const message = Buffer.alloc(MEBIBYTE, 7);
  sockets.on('connection', (socket) => {
    const pump = (error?: Error | null): void => {
      if (!error && socket.readyState === socket.OPEN) socket.send(message, pump);
    };
    socket.on('error', () => {});
    pump();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    port,
    open: () => sockets.clients.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly whole: number;
  readonly broken: number;
}

/** Runs in the page: counts messages in its title, and says how the socket was closed. */
const listening = `new Promise((resolve) => {
  const socket = new WebSocket('ws://' + location.host + '/live');
  socket.binaryType = 'arraybuffer';
  let whole = 0;
  let broken = 0;
  socket.addEventListener('message', ({ data }) => {
    if (data.byteLength === ${String(MEBIBYTE)}) whole += 1;
    else broken += 1;
    document.title = whole + ' messages';
  });
  socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason, whole, broken }));
})`;

describe('a WebSocket in Chromium', () => {
  const stack = new AsyncDisposableStack();
  let browser: Browser;
  let gateway: Gateway;
  let application: Awaited<ReturnType<typeof startApplication>>;
  beforeAll(async () => {
    application = stack.use(await startApplication());
    gateway = stack.use(
      await Gateway.planned({ upstreamPorts: [application.port], login: 'loginPage' }),
    );
    browser = await launchBrowser();
    stack.defer(() => browser.close());
  });
  afterAll(() => stack.disposeAsync());

  it('is held from the login on, and sees 4401 at the logout while messages of 1 MiB flow', async () => {
    const origin = `http://127.0.0.1:${String(gateway.edge)}`;
    await using guest = await visit(browser);
    const { page } = guest;
    await page.goto(`${origin}/app`);
    await page.getByLabel('User name').fill('user1');
    await page.getByLabel('Password').fill('pass1');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${origin}/app`);

    const ending = page.evaluate<Ending>(listening);
    await waitFor('a few messages', async () => parseInt(await page.title(), 10) > 3, 10_000);
    const status = await page.evaluate<number>(
      `fetch('/auth/logout', { method: 'POST' }).then((answer) => answer.status)`,
    );
    expect(status).toBe(200);
    const { code, reason, whole, broken } = await ending;
    expect({ code, reason, broken }).toEqual({ code: 4401, reason: 'session revoked', broken: 0 });
    expect(whole).toBeGreaterThan(3);
    await waitFor('the application to be rid of it', () => application.open() === 0);
  });
});
