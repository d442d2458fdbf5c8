import { Redis } from 'ioredis';

/**
 * `node bare-message-main.ts PORT publisher|subscriber N`: a message to N subscribers and back, and nothing else about it.
 * What a revocation takes is held beside this.
 */
const [port, role, count] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4])];
const there = 'bench:there';
const back = 'bench:back';
const periodMs = 40;

const [listening, sending] = [new Redis({ port }), new Redis({ port })];
/** By message: when it was sent, and how many have answered. */
const sent = new Map<string, { readonly atMs: number; answers: number }>();
const timesMs: number[] = [];

function answered(message: string): void {
  const one = sent.get(message);
  if (one === undefined) return;
  one.answers += 1;
  if (one.answers < count) return;
  timesMs.push(performance.now() - one.atMs);
  sent.delete(message);
}

if (role === 'subscriber') {
  listening.on('message', (_channel, message) => void sending.publish(back, message));
  await listening.subscribe(there);
} else {
  let number = 0;
  listening.on('message', (_channel, message) => answered(message));
  await listening.subscribe(back);
  setInterval(() => {
    number += 1;
    sent.set(String(number), { atMs: performance.now(), answers: 0 });
    void sending.publish(there, String(number));
  }, periodMs);
  process.on('message', () => process.send?.(timesMs));
}
process.send?.('there');
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
