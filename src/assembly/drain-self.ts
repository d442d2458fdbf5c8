/** As if somebody had sent the signal: there is one way to end. */
export function drainSelf(): void {
  process.kill(process.pid, 'SIGTERM');
}
