import { isMainThread } from 'node:worker_threads';

/** What a gateway is started with: `--import` holds for its threads as well, which decide nothing. */
const folder = process.env['PORTCULLIS_TEST_HISTORY'];
if (folder !== undefined && isMainThread) {
  const { record } = await import('./decision-recorder.ts');
  const { takeOrders } = await import('./process-orders.ts');
  record(folder);
  takeOrders(folder);
}
