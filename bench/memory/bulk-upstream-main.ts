import { serveBulk } from './bulk-upstream.ts';

// The process behind the gateway of the memory measurement: `node bulk-upstream-main.ts PORT`.
serveBulk(Number(process.argv[2])).on('listening', () => process.send?.('listening'));
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
