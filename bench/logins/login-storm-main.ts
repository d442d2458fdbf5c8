import { loadLogins, type LoginJob } from './login-load.ts';
import { loadProxied, type ProxiedJob } from './proxied-load.ts';

// A load process: a job in, a result out, until its parent is gone.
process.on('message', (message) => {
  // A message between our own processes, of the types that the parent sends.
  const job = message as LoginJob | ProxiedJob;
  const working: Promise<object> = job.kind === 'logins' ? loadLogins(job) : loadProxied(job);
  working.then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
