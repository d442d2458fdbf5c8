import { WebSocketServer } from 'ws';

// The process behind the gateway of the WebSocket measurement: `node echo-main.ts PORT`. Sends back what comes.
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  backlog: 4096,
});
server.on('connection', (socket) => {
  socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
  socket.on('error', () => {});
});
server.on('listening', () => process.send?.('listening'));
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
