import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { ask } from '../../support/raw-client.ts';
import { reset, respond, type Answer } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { Fleet } from '../../support/upstream-fleet.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Answers health checks with `health`, everything else with `status`. */
function serving(name: string, status: number, health: number): Answer {
  const other = respond(status, [], name);
  const check = respond(health, [], 'fine');
  return (turn) => (turn.request.target === '/healthz' ? check(turn) : other(turn));
}

interface Report {
  readonly upstreams: readonly {
    readonly name: string;
    readonly servers: readonly { readonly address: string; readonly state: string }[];
  }[];
}

async function states(gateway: Gateway): Promise<string[]> {
  const answer = await ask(
    gateway.admin,
    'GET /upstreams HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  const report = JSON.parse(answer.text()) as Report; // JSON.parse knows no types
  return report.upstreams.flatMap(({ servers }) => servers.map(({ state }) => state));
}

/** The states that were logged of a server, in order. */
function logged(gateway: Gateway, address: string): unknown[] {
  return gateway.process.stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>) // JSON.parse knows no types
    .filter((line) => line['event'] === 'upstream.server' && line['address'] === address)
    .map((line) => line['state']);
}

async function get(gateway: Gateway): Promise<{ status: number; body: string }> {
  const answer = await ask(gateway.edge, request('GET', '/public/x', ['Connection: close']));
  return { status: answer.status, body: answer.text() };
}

describe('health checks', () => {
  const health = { path: '/healthz', interval: '50ms', timeout: '50ms', rise: 2, fall: 2 };

  it('take a server out and bring it back, say so once each, and with none left it is 503', async () => {
    await using fleet = await Fleet.start('one', 'two');
    fleet.at(0).answer = serving('one', 200, 200);
    fleet.at(1).answer = serving('two', 200, 200);
    await using gateway = await Gateway.planned({
      upstreamPorts: fleet.upstreams.map(({ port }) => port),
      upstream: { health: { ...health, timeout: '50ms', interval: '100ms' } },
    });
    expect(await states(gateway)).toEqual(['up', 'up']);
    fleet.at(0).answer = serving('one', 200, 500);
    await waitFor('the first to be out', async () => (await states(gateway))[0] === 'unhealthy');
    for (let round = 0; round < 4; round++) expect((await get(gateway)).body).toBe('two');
    fleet.at(1).answer = serving('two', 200, 500);
    await waitFor('the second as well', async () => (await states(gateway))[1] === 'unhealthy');
    expect((await get(gateway)).status).toBe(503);
    expect(await gateway.metric('portcullis_upstream_unserved_total')).toBe(1);
    expect(await gateway.metric('portcullis_upstream_servers', 'state="unhealthy"')).toBe(2);
    fleet.at(0).answer = serving('one', 200, 200);
    fleet.at(1).answer = serving('two', 200, 200);
    await waitFor('both to be back', async () => !(await states(gateway)).includes('unhealthy'));
    const seen = new Set([(await get(gateway)).body, (await get(gateway)).body]);
    expect(seen).toEqual(new Set(['one', 'two']));
    // Under load a check may come late as well: what is logged has to be in turn, whatever its number.
    await waitFor('the log', () => logged(gateway, fleet.address(0)).length >= 2);
    const said = logged(gateway, fleet.address(0));
    for (const [index, state] of said.entries()) {
      expect(state).toBe(index % 2 === 0 ? 'unhealthy' : 'up');
    }
  });
});

describe('a breaker', () => {
  it('opens for a server that answers with errors, and closes when it does not any more', async () => {
    await using fleet = await Fleet.start('one');
    fleet.at(0).answer = serving('one', 500, 200);
    await using gateway = await Gateway.planned({
      upstreamPorts: [fleet.at(0).port],
      upstream: { breaker: { requestsMin: 5, openFor: '1s', window: '1m', trials: 1 } },
    });
    for (let round = 0; round < 5; round++) expect((await get(gateway)).status).toBe(500);
    expect(await states(gateway)).toEqual(['open']);
    const before = fleet.at(0).requests.length;
    const refused = await ask(gateway.edge, request('GET', '/public/x'));
    expect(refused.status).toBe(503);
    expect(refused.value('retry-after')).toMatch(/^\d+$/);
    expect(fleet.at(0).requests).toHaveLength(before);
    fleet.at(0).answer = serving('one', 200, 200);
    await waitFor('it to close', async () => (await get(gateway)).status === 200);
    expect(await states(gateway)).toEqual(['up']);
    await waitFor('the log', () => logged(gateway, fleet.address(0)).length >= 3);
    expect(logged(gateway, fleet.address(0))).toEqual(['open', 'half-open', 'up']);
  });
});

describe('the metrics of a server', () => {
  it('count requests, answers and their times, failures by kind, and what is under way', async () => {
    await using fleet = await Fleet.start('one', 'two');
    await using gateway = await Gateway.planned({
      upstreamPorts: fleet.upstreams.map(({ port }) => port),
    });
    for (let round = 0; round < 6; round++) await get(gateway);
    const one = `server="${fleet.address(0)}"`;
    expect(await gateway.metric('portcullis_upstream_requests_total', one)).toBe(3);
    expect(await gateway.metric('portcullis_upstream_responses_total', `${one},code="2xx"`)).toBe(
      3,
    );
    expect(await gateway.metric('portcullis_upstream_response_seconds_count', one)).toBe(3);
    expect(await gateway.metric('portcullis_upstream_requests_in_flight')).toBe(0);
    fleet.at(0).answer = reset();
    fleet.at(1).answer = reset();
    expect((await get(gateway)).status).toBe(502);
    expect(
      await gateway.metric('portcullis_upstream_failures_total', 'kind="reset"'),
    ).toBeGreaterThan(0);
    // The kept connection, a fresh one to the same server, and the other server.
    expect(await gateway.metric('portcullis_upstream_retries_total')).toBe(2);
    expect(await gateway.metric('portcullis_upstream_requests_in_flight')).toBe(0);
  });
});
