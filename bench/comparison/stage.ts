import { join } from 'node:path';
import { benchCiphers, makeBenchCertificate } from '../processes/bench-certificate.ts';
import type { Child } from '../processes/child.ts';
import { type CorePlan, planCores } from '../processes/core-plan.ts';
import { freePorts } from '../processes/free-ports.ts';
import { type BenchSession, GatewayProcess } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import type { NginxCommand } from '../processes/nginx-command.ts';
import { NginxProcess } from '../processes/nginx-process.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { Scenario } from './options.ts';

const echoUpstream = join(import.meta.dirname, '../websockets/echo-main.ts');

export interface StageOptions {
  readonly nginx: NginxCommand;
  /** For configurations and logs. */
  readonly directory: string;
  readonly sessions: number;
  readonly scenario: Scenario;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** A gateway with the sessions that were opened in it. */
export interface StagedGateway {
  readonly process: GatewayProcess;
  readonly sessions: readonly BenchSession[];
  /** The cookie of one more session, which was logged out. */
  readonly endedCookie: string;
}

/**
 * Everything that runs during the comparison. The gateway behind NGINX is a second one that only answers /validate, so
 * that each process works for one contender and its CPU time belongs to nobody else.
 */
export class Stage {
  readonly scenario: Scenario;
  readonly cores: CorePlan;
  readonly load: LoadProcess;
  readonly nginx: NginxProcess;
  readonly edge: StagedGateway;
  readonly validate: StagedGateway;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<Stage, 'scenario' | 'cores' | 'load' | 'nginx' | 'edge' | 'validate'>,
    resources: AsyncDisposableStack,
  ) {
    this.scenario = parts.scenario;
    this.cores = parts.cores;
    this.load = parts.load;
    this.nginx = parts.nginx;
    this.edge = parts.edge;
    this.validate = parts.validate;
    this.#resources = resources;
  }

  /** Clients come over TLS. */
  get isSecure(): boolean {
    return this.scenario === 'tls' || this.scenario === 'http2';
  }

  static async set(options: StageOptions): Promise<Stage> {
    await using resources = new AsyncDisposableStack();
    const { directory, scenario, signal, nginx: command } = options;
    const isSecure = scenario === 'tls' || scenario === 'http2';
    const certificate = isSecure ? makeBenchCertificate(directory) : null;
    const cores = planCores();
    const [upstreamPort = 0] = await freePorts(1);
    const upstream: Child = await startUpstream({
      port: upstreamPort,
      core: cores.upstream,
      directory,
      ...(scenario === 'websocket' && { mainFile: echoUpstream }),
    });
    resources.use(upstream);
    const load = resources.use(new LoadProcess({ core: cores.load, directory }));

    const stageGateway = async (name: string): Promise<StagedGateway> => {
      const tls = certificate && { certificates: [certificate], ciphers: benchCiphers };
      const settings = {
        upstreamServers: [`127.0.0.1:${upstreamPort}`],
        // Logins come in the clear, at the control listener.
        ...(tls && { edge: { tls }, cookie: { name: 'portcullis' } }),
      };
      const core = cores.contender;
      const process = await GatewayProcess.start({ name, directory, core, signal, settings });
      resources.use(process);
      options.say(`logging in ${options.sessions} times at the ${name} gateway`);
      const [ended, ...sessions] = await process.logIn(options.sessions + 1, signal);
      if (ended === undefined) throw new Error('no session was opened');
      await process.logOut(ended.cookie);
      return { process, sessions, endedCookie: ended.cookie };
    };
    const edge = await stageGateway('edge');
    const validate = await stageGateway('validate');
    const nginx = await NginxProcess.start({
      nginx: command,
      directory,
      core: cores.contender,
      controlPort: validate.process.controlPort,
      upstreamPort,
      certificate,
      isHttp2: scenario === 'http2',
      cookieName: edge.endedCookie.split('=')[0] ?? '',
      signal,
    });
    resources.use(nginx);
    return new Stage({ scenario, cores, load, nginx, edge, validate }, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
