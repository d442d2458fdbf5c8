import type { LoadJob, LoadResult } from './load-job.ts';
import { driveHttp2 } from './drive-http2.ts';
import { driveWebSockets } from './drive-web-sockets.ts';
import { driveMixed } from './drive-mixed.ts';
import { driveNewConnections } from './drive-new-connections.ts';
import { drivePaced } from './drive-paced.ts';
import { driveWrk } from './drive-wrk.ts';
import { drive } from './drive.ts';
import { stopTools } from './run-tool.ts';

const drivers = {
  http1: drive,
  wrk: driveWrk,
  http2: driveHttp2,
  websocket: driveWebSockets,
  paced: drivePaced,
  mixed: driveMixed,
  'new-connections': driveNewConnections,
} as const;

function driven(job: LoadJob): Promise<LoadResult> {
  return drivers[job.protocol](job);
}

// The load process: a job in, a result out, until its parent is gone.
process.on('message', (job) => {
  // A message between our own two processes, of the one type that the parent sends.
  driven(job as LoadJob).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.once('SIGTERM', () => {
  // Then by the signal itself, as if nobody had listened.
  void stopTools().finally(() => process.kill(process.pid, 'SIGTERM'));
});
