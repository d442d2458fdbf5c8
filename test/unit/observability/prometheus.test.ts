import { describe, expect, it } from 'vitest';
import {
  buildFigures,
  listenerFigures,
  loginFigures,
  lostLineFigures,
  plainFigure,
} from '../../../src/observability/catalogue.ts';
import { LoginCounters } from '../../../src/observability/login-counters.ts';
import { upstreamFigures } from '../../../src/observability/upstream-figures.ts';
import { routeFigures } from '../../../src/observability/request-figures.ts';
import { RouteCounters, DURATION_BOUNDS_MS } from '../../../src/gateway/route-counters.ts';
import { createMetrics } from '../../../src/observability/prometheus.ts';

const listener = {
  listener: 'edge',
  accepted: 3,
  active: 2,
  inFlight: 1,
  shed: 1,
  bytesReceived: 100,
  bytesSent: 200,
  rejected: { 'bare-line-feed': 4, expect: 0 },
};
const upstream = {
  upstream: 'app',
  server: '127.0.0.1:9000',
  connects: 5,
  reuses: 6,
  open: 2,
  idle: 1,
  waiting: 0,
  failures: { 'connect-failed': 7 },
  inFlight: 3,
  requests: 11,
  answers: { '2xx': 9, '5xx': 1 },
  byLatency: [8, 2, 0],
  latencySumMs: 500,
  states: { up: 1, out: 0 },
};

const requests = 'portcullis_requests_total{listener="edge",route="edge/0"';
const durations = 'portcullis_request_duration_seconds';
const ofHttp1 = '{listener="edge",route="edge/0",lane="http/1.1"';

function everything() {
  const route = new RouteCounters('edge', 'edge/0');
  const logins = new LoginCounters(['users']);
  return {
    route,
    logins,
    figures: [
      ...listenerFigures([listener]),
      ...routeFigures([route], DURATION_BOUNDS_MS),
      ...upstreamFigures(() => [upstream], [5, 1_000]),
      ...loginFigures(logins),
      ...lostLineFigures({ access: { lostLines: 8 } }),
      ...buildFigures('1.2.3'),
      plainFigure('gauge', 'password_jobs_waiting', 'Passwords that wait.', () => 4),
    ],
  };
}

describe('the metrics', () => {
  it('show what the plain numbers are when somebody scrapes', async () => {
    const { figures, logins, route } = everything();
    const metrics = createMetrics(figures);
    expect(await metrics.text('text')).toContain(
      `${requests},lane="http/1.1",method="GET",auth="none",code="2xx"} 0`,
    );
    route.count('http/1.1', 'GET', 'session', 200, 1);
    route.count('http/1.1', 'GET', 'session', 204, 999);
    route.count('http/2', 'PROPFIND', 'none', 0, 1_000_000);
    route.count('websocket', 'GET', 'bearer', 101, 60_000);
    route.managedDropped = 5;
    logins.count('users', 'accepted');
    logins.count(null, 'rejected');
    for (let scrape = 0; scrape < 2; scrape++) {
      const text = await metrics.text('text');
      for (const line of [
        'portcullis_connections_accepted_total{listener="edge"} 3',
        'portcullis_connections_active{listener="edge"} 2',
        'portcullis_connections_shed_total{listener="edge"} 1',
        'portcullis_received_bytes_total{listener="edge"} 100',
        'portcullis_rejected_total{listener="edge",reason="bare-line-feed"} 4',
        'portcullis_requests_in_flight{listener="edge"} 1',
        `${requests},lane="http/1.1",method="GET",auth="session",code="2xx"} 2`,
        `${requests},lane="http/1.1",method="GET",auth="none",code="5xx"} 0`,
        `${requests},lane="http/2",method="other",auth="none",code="none"} 1`,
        `${requests},lane="websocket",method="GET",auth="bearer",code="1xx"} 1`,
        'portcullis_request_fields_dropped_total{listener="edge",route="edge/0",kind="managed"} 5',
        '# TYPE portcullis_request_duration_seconds histogram',
        `${durations}_bucket${ofHttp1},le="0.001"} 1`,
        `${durations}_bucket${ofHttp1},le="0.5"} 1`,
        `${durations}_bucket${ofHttp1},le="1"} 2`,
        `${durations}_bucket${ofHttp1},le="+Inf"} 2`,
        `${durations}_sum${ofHttp1}} 1`,
        `${durations}_count${ofHttp1}} 2`,
        `${durations}_sum{listener="edge",route="edge/0",lane="http/2"} 1000`,
        'portcullis_upstream_connects_total{upstream="app",server="127.0.0.1:9000"} 5',
        'portcullis_upstream_failures_total{upstream="app",server="127.0.0.1:9000",kind="connect-failed"} 7',
        'portcullis_logins_total{directory="users",result="accepted"} 1',
        'portcullis_logins_total{directory="none",result="rejected"} 1',
        'portcullis_logins_total{directory="none",result="unavailable"} 0',
        'portcullis_log_lines_lost_total{log="access"} 8',
        `portcullis_build_info{version="1.2.3",node="${process.version}"} 1`,
        'portcullis_password_jobs_waiting 4',
      ]) {
        expect(text.split('\n')).toContain(line);
      }
    }
  });

  it.each(['gauge', 'counter'] as const)('leave out what nobody knows: a %s', async (kind) => {
    const text = await createMetrics([
      plainFigure(kind, 'sessions_total', 'Sessions.', async () => NaN),
    ]).text('text');
    expect(text).not.toMatch(/^portcullis_sessions_total /m);
    expect(text).toContain(`# TYPE portcullis_sessions_total ${kind}`);
  });

  it('tell of the process under the usual names', async () => {
    const text = await createMetrics([]).text('text');
    expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  it('are all prefixed, in base units, and counters end in _total', () => {
    for (const { kind, name } of everything().figures) {
      expect(name).toMatch(/^portcullis_[a-z_]+$/);
      expect(name).not.toMatch(/_ms|milliseconds|kib/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
    }
  });

  it('call a counter by its family in OpenMetrics, and by its whole name ever after', async () => {
    const { figures, route } = everything();
    route.count('http/1.1', 'GET', 'none', 200, 1);
    const metrics = createMetrics(figures);
    for (let scrape = 0; scrape < 2; scrape++) {
      const lines = (await metrics.text('openMetrics')).split('\n');
      expect(lines).toContain('# TYPE portcullis_requests counter');
      expect(lines).toContain(`${requests},lane="http/1.1",method="GET",auth="none",code="2xx"} 1`);
      expect(lines.join('\n')).not.toContain('_total_total');
      expect(lines.slice(-2)).toEqual(['# EOF', '']);
      expect(lines.some((line) => line.startsWith('process_start_time_seconds '))).toBe(true);
      expect((await metrics.text('text')).split('\n')).toContain(
        '# TYPE portcullis_requests_total counter',
      );
    }
  });

  it('are separate for every registry', async () => {
    const first = createMetrics([plainFigure('gauge', 'one', 'One.', () => 1)]);
    const second = createMetrics([plainFigure('gauge', 'one', 'One.', () => 2)]);
    expect(await first.text('text')).toContain('portcullis_one 1');
    expect(await second.text('text')).toContain('portcullis_one 2');
  });
});
