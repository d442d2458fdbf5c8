import { describe, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)('P23: nothing but the path makes a path public, under %s', (answers) => {
  const scene = useScene({ answers });
  const nobody = answers === 'modern' ? 401 : 403;

  it.each([
    ['a User-Agent of probes', '/api/x', ['User-Agent: kube-probe/1.30']],
    ['another User-Agent of probes', '/healthz', ['User-Agent: GoogleHC/1.0']],
    ['a query that names a public path', '/api/x?/public/', []],
    ['a query that asks to be skipped', '/api/x?skip_auth=1&path=/public/x', []],
    ['a longer name than the public one', '/publicity', []],
    ['the public one further on', '/api/public/x', []],
    ['the path of a health check', '/livez', []],
    ['the path of another one', '/readyz', []],
    ['the path of the metrics', '/metrics', []],
  ])('%s', async (_kind, target, lines) => {
    await scene.declines(request('GET', target, lines), nobody);
  });
});
