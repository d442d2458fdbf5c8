import { demoUsers, planned, type GatewayYaml } from '../gateway-yaml.ts';
import { people, peoplesPassword } from './traffic.ts';

export interface FleetYamlParts {
  readonly upstreamPort: number;
  /** `sessions.store`. */
  readonly store: Readonly<Record<string, unknown>>;
  readonly boundMs: number;
  readonly sections: Partial<Omit<GatewayYaml, 'listeners'>>;
}

const users = people.map((username) => ({ username, password: peoplesPassword, role: 'patient' }));
const keys = [{ id: 'k1', secret: 'a-secret-of-these-tests-0123456789abcdef' }];

/** What a node of a fleet is configured with. */
export function fleetYaml({ boundMs, sections, store, upstreamPort }: FleetYamlParts): GatewayYaml {
  return planned({
    upstreamPorts: [upstreamPort],
    routes: [{ exactPath: '/auth/logout_user', endpoint: 'logoutUser' }],
    appRoutes: [{ path: '/', auth: 'session', upstream: 'app', webSockets: true }],
    sections: {
      accessLog: { enabled: false },
      log: { level: 'warn' },
      directories: {
        demo: { type: 'static', insecurePlainText: true, users: [...demoUsers, ...users] },
      },
      tokens: { keys },
      ...sections,
      sessions: { store, sessionsPerUserMax: 100_000, ...sections.sessions },
      coherence: { staleness: `${String(boundMs)}ms`, settle: '500ms' },
    },
  });
}
