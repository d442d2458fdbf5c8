import type { LoadJob } from './load-job.ts';
import { drive } from './drive.ts';

// The load process: a job in, a result out, until its parent is gone.
process.on('message', (job) => {
  // A message between our own two processes, of the one type that the parent sends.
  drive(job as LoadJob).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
