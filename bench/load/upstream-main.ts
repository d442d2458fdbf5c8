import { serveUpstream } from './upstream.ts';

// The upstream process: `node upstream-main.ts PORT`, until its parent is gone.
serveUpstream(Number(process.argv[2])).on('listening', () => process.send?.('listening'));
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
