import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from './gateway.ts';
import { demoUsers, type GatewayYaml, type RouteYaml } from './gateway-yaml.ts';

const sidecarFolder = join(projectRoot, 'config/sidecar');

/** The shipped `config/sidecar/portcullis.yaml` on free ports, with routes before its own. */
export async function sidecarYaml(
  upstreamPort: number,
  routes: readonly RouteYaml[] = [],
): Promise<GatewayYaml> {
  const text = await readFile(join(sidecarFolder, 'portcullis.yaml'), 'utf8');
  const yaml = parse(text) as GatewayYaml; // a file of ours; the gateway checks it
  for (const listener of Object.values(yaml.listeners)) delete listener.address;
  yaml.listeners['edge']?.routes.unshift(...routes);
  yaml.upstreams = { app: { servers: [`127.0.0.1:${String(upstreamPort)}`] } };
  yaml.directories = {
    demo: { type: 'static', insecurePlainText: true, users: [...demoUsers] },
  };
  yaml.accessLog = { path: '-' };
  return yaml;
}
