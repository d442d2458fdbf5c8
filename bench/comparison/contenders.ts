import { checkForwarding, checkTimedRequest, checkValidate } from './answer-check.ts';
import type { Contender, ContenderId } from './contender.ts';
import { forgedCookies } from './forged-cookies.ts';
import type { Stage, StagedGateway } from './stage.ts';
import { StoreCalls } from './store-calls.ts';

const path = '/api/hello';
/** So many that no cache of refusals could hold the answer ready. */
const forgedCookiesMax = 20_000;

/** Who is measured on a stage. */
export function contendersOn(stage: Stage): Contender[] {
  const { edge, validate, nginx } = stage;
  const edgeCookies = edge.sessions.map(({ cookie }) => cookie);
  const validateCookies = validate.sessions.map(({ cookie }) => cookie);
  const isSecure = stage.scenario === 'tls';
  const edgePart = {
    port: edge.process.edgePort,
    path,
    isSecure,
    pids: [edge.process.pid],
    storeCalls: new StoreCalls(edge.process.adminPort),
  };
  return [
    {
      ...edgePart,
      id: 'gateway',
      title: 'Portcullis',
      cookies: edgeCookies,
      expectedStatus: 200,
    },
    {
      id: 'nginx-auth-request',
      title: 'NGINX, auth_request to /validate',
      port: nginx.authRequestPort,
      path,
      isSecure,
      cookies: validateCookies,
      expectedStatus: 200,
      pids: [...nginx.pids, validate.process.pid],
      storeCalls: new StoreCalls(validate.process.adminPort),
    },
    {
      id: 'nginx-plain',
      title: 'NGINX without authentication',
      port: nginx.plainPort,
      path,
      isSecure,
      cookies: validateCookies,
      expectedStatus: 200,
      pids: nginx.pids,
      storeCalls: null,
    },
    {
      id: 'validate',
      title: '/validate alone',
      port: validate.process.controlPort,
      path: '/validate',
      isSecure: false,
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
  const gateway = gateways[contender.id];
  const [session] = gateway?.sessions ?? [];
  if (gateway === undefined || session === undefined) return checkTimedRequest(contender);
  const { endedCookie } = gateway;
  const [forgedCookie = ''] = forgedCookies(endedCookie, 1);
  const input = { contender, session, endedCookie, forgedCookie };
  const check = contender.id === 'validate' ? checkValidate : checkForwarding;
  return [...(await check(input)), ...(await checkTimedRequest(contender))];
}
