import { checkForwarding, checkTimedRequest, checkValidate } from './answer-check.ts';
import type { LoadProtocol } from '../load/load-job.ts';
import type { Contender, ContenderId } from './contender.ts';
import { forgedCookies } from './forged-cookies.ts';
import type { Scenario } from './options.ts';
import type { Stage, StagedGateway } from './stage.ts';
import { StoreCalls } from './store-calls.ts';

const paths: Readonly<Record<Scenario, string>> = {
  clear: '/api/hello',
  tls: '/api/hello',
  http2: '/api/hello',
  websocket: '/api/echo',
  mebibyte: '/api/mebibyte',
};
/** So many that no cache of refusals could hold the answer ready. */
const forgedCookiesMax = 20_000;

/** Who is measured: everybody in the clear, elsewhere those that a target compares and what they are made of. */
const compared: readonly ContenderId[] = ['gateway', 'nginx-auth-request', 'nginx-plain'];

function protocolOf(scenario: Scenario): LoadProtocol {
  return scenario === 'http2' || scenario === 'websocket' ? scenario : 'http1';
}

/** Who is measured on a stage. */
export function contendersOn(stage: Stage): Contender[] {
  const all = allContendersOn(stage);
  if (stage.scenario === 'clear' || stage.scenario === 'tls') return all;
  // NGINX asks before an upgrade as before any other request: what a message costs is the same behind both.
  const ids = stage.scenario === 'websocket' ? ['gateway', 'nginx-plain'] : compared;
  return all.filter(({ id }) => ids.includes(id));
}

function allContendersOn(stage: Stage): Contender[] {
  const { edge, validate, nginx } = stage;
  const edgeCookies = edge.sessions.map(({ cookie }) => cookie);
  const validateCookies = validate.sessions.map(({ cookie }) => cookie);
  const { scenario } = stage;
  const path = paths[scenario];
  const isSecure = stage.isSecure;
  const protocol = protocolOf(scenario);
  const expectedStatus = scenario === 'websocket' ? 101 : 200;
  const edgePart = {
    port: edge.process.edgePort,
    path,
    isSecure,
    protocol,
    pids: [edge.process.pid],
    storeCalls: new StoreCalls(edge.process.adminPort),
  };
  return [
    {
      ...edgePart,
      id: 'gateway',
      title: 'Portcullis',
      cookies: edgeCookies,
      expectedStatus,
    },
    {
      id: 'nginx-auth-request',
      title: 'NGINX, auth_request to /validate',
      port: nginx.authRequestPort,
      path,
      isSecure,
      protocol,
      cookies: validateCookies,
      expectedStatus,
      pids: [...nginx.pids, validate.process.pid],
      storeCalls: new StoreCalls(validate.process.adminPort),
    },
    {
      id: 'nginx-plain',
      title: 'NGINX without authentication',
      port: nginx.plainPort,
      path,
      isSecure,
      protocol,
      cookies: validateCookies,
      expectedStatus,
      pids: nginx.pids,
      storeCalls: null,
    },
    {
      id: 'validate',
      title: '/validate alone',
      port: validate.process.controlPort,
      path: '/validate',
      isSecure: false,
      protocol: 'http1',
      cookies: validateCookies,
      expectedStatus: 200,
      pids: [validate.process.pid],
      storeCalls: new StoreCalls(validate.process.adminPort),
    },
    {
      ...edgePart,
      id: 'forged',
      title: 'Portcullis, forged cookies',
      cookies: forgedCookies(edge.endedCookie, forgedCookiesMax),
      expectedStatus: 401,
    },
  ];
}

/** What is wrong with the answers of a contender; nothing, if it may be timed. */
export async function checkAnswers(contender: Contender, stage: Stage): Promise<string[]> {
  const gateways: Readonly<Partial<Record<ContenderId, StagedGateway>>> = {
    gateway: stage.edge,
    'nginx-auth-request': stage.validate,
    validate: stage.validate,
  };
  // An echo cannot show what it was sent, and messages are compared while they are timed.
  if (stage.scenario === 'websocket') return [];
  const gateway = gateways[contender.id];
  const [session] = gateway?.sessions ?? [];
  if (gateway === undefined || session === undefined) return checkTimedRequest(contender);
  const { endedCookie } = gateway;
  const [forgedCookie = ''] = forgedCookies(endedCookie, 1);
  const input = { contender, session, endedCookie, forgedCookie };
  const check = contender.id === 'validate' ? checkValidate : checkForwarding;
  return [...(await check(input)), ...(await checkTimedRequest(contender))];
}
