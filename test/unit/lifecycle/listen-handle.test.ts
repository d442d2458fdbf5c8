import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openListenHandle } from '../../../src/lifecycle/listen-handle.ts';

describe('a socket that is bound for others', () => {
  it('is nobody to connect to until one of them listens', async () => {
    const handle = await openListenHandle({ host: '127.0.0.1', port: 0 });
    const tried = connect(handle.port, '127.0.0.1');
    const [error] = await once(tried, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    handle.close();
  });

  it('has a port of its own where none is asked for, and a name for an address', async () => {
    const one = await openListenHandle({ host: 'localhost', port: 0 });
    const other = await openListenHandle({ host: 'localhost', port: 0 });
    expect(one.port).toBeGreaterThan(0);
    expect(one.port).not.toBe(other.port);
    one.close();
    other.close();
  });

  it('is refused a port that is taken, with the code of the system', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(openListenHandle({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    server.close();
  });

  it('is refused an address that is not here', async () => {
    const foreign = openListenHandle({ host: '192.0.2.1', port: 0 });
    await expect(foreign).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
