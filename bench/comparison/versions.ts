import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNginx } from '../processes/nginx-command.ts';

const packages = join(import.meta.dirname, '../../node_modules');

const commands: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['haproxy', ['-v'], /version (\S+)/],
  ['caddy', ['version'], /v?(\d\S*)/],
  ['redis-server', ['--version'], /v=(\S+)/],
  ['wrk', ['-v'], /wrk (?:debian\/)?(\S+)/],
  ['h2load', ['--version'], /nghttp2\/(\S+)/],
];

const dependencies = ['autocannon', 'undici', 'http-proxy-3', 'fastify', '@fastify/http-proxy'];

function versionOfPackage(name: string): string | null {
  try {
    const text = readFileSync(join(packages, name, 'package.json'), 'utf8');
    return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

function versionOfCommand(
  command: string,
  args: readonly string[],
  pattern: RegExp,
): string | null {
  const { error, stderr, stdout } = spawnSync(command, [...args], { encoding: 'utf8' });
  return error === undefined ? (pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown') : null;
}

/** Of every program that takes part, as far as it is installed. */
export function versionsHere(): Record<string, string> {
  const found: readonly (readonly [string, string | null])[] = [
    ['node', process.versions.node],
    ['nginx', findNginx()?.version ?? null],
    ...commands.map(
      ([name, args, pattern]) => [name, versionOfCommand(name, args, pattern)] as const,
    ),
    ...dependencies.map((name) => [name, versionOfPackage(name)] as const),
  ];
  return Object.fromEntries(
    found.flatMap(([name, version]) => (version === null ? [] : [[name, version]])),
  );
}
