import { once } from 'node:events';
import { serveUpstream } from './upstream.ts';

// The upstream process: `node upstream-main.ts PORT…`, until its parent is gone.
const servers = process.argv.slice(2).map((port) => serveUpstream(Number(port)));
await Promise.all(servers.map((server) => once(server, 'listening')));
process.send?.('listening');
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
