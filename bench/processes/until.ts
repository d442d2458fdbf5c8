/** What `work` gives, unless the signal comes first. The work itself goes on; its owner is stopped on the way out. */
export async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Nobody waits for it any more when the signal won.
    work.catch(() => {});
  }
}
