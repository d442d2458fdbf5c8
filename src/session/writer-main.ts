import { parentPort, workerData } from 'node:worker_threads';
import { openToWrite } from './session-file.ts';
import type { OpenSessionFile } from './session-file.ts';
import { SqliteFailure } from './sqlite-failure.ts';
import { SqliteSessionWriter } from './sqlite-session-writer.ts';
import { performBatch } from './writer-batch.ts';
import type { WriteRequest, WriterReply, WriterThreadStart } from './writer-messages.ts';

/** What the thread of the writer runs: loaded by path from writer-thread.ts, imported by nobody. */
serve();

function serve(): void {
  const port = parentPort;
  if (port === null) throw new Error('runs in a thread only');
  const reply = (message: WriterReply): void => port.postMessage(message);
  // writer-thread.ts starts it so.
  const { path } = workerData as WriterThreadStart;
  const file = openOrExplain(path, reply);
  if (file === null) return;
  const writer = new SqliteSessionWriter(file.database);
  let waiting: WriteRequest[] = [];
  const perform = (): void => {
    const requests = waiting;
    waiting = [];
    const writes = requests.map(({ write }) => write);
    const answers = performBatch(writer, path, writes);
    reply({
      kind: 'answers',
      // One answer for each, in their order.
      answers: requests.map(({ id }, index) => [
        id,
        answers[index] ?? { kind: 'failed', sentence: 'no answer' },
      ]),
    });
  };
  port.on('message', (request: WriteRequest | 'stop') => {
    if (request === 'stop') {
      if (waiting.length > 0) perform();
      file.close();
      port.close();
      return;
    }
    // What has come by the end of this turn goes together.
    if (waiting.length === 0) setImmediate(() => (waiting.length > 0 ? perform() : undefined));
    waiting.push(request);
  });
  reply({ kind: 'open' });
}

function openOrExplain(
  path: string,
  reply: (message: WriterReply) => void,
): OpenSessionFile | null {
  try {
    return openToWrite(path);
  } catch (error) {
    reply({ kind: 'closed', sentence: SqliteFailure.of(path, error).message });
    return null;
  }
}
