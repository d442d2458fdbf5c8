import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { METHOD_OVERRIDES } from '../../../src/http/field-names.ts';

const folder = fileURLToPath(new URL('../../../config/sidecar', import.meta.url));
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** What NGINX keeps from the application, or puts in from the answer: it is what the tests run against the edge. */
const removedByNginx: readonly string[] = [
  ...textOf('nginx.conf').matchAll(/^ {8}proxy_set_header (\S+) (?:""|\$portcullis_[a-z_]+);$/gm),
]
  .map(([, name = '']) => name.toLowerCase())
  .filter((name) => !['connection', 'content-length', 'upgrade'].includes(name));

const removal = z.object({ mutations: z.array(z.object({ remove: z.string() })) });

/** Every list of removals in the file. */
function removalsIn(node: unknown): string[] {
  const found = removal.safeParse(node);
  if (found.success) return found.data.mutations.map(({ remove }) => remove);
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(removalsIn) : [];
}

const traefik = z.object({
  http: z.object({
    middlewares: z.object({
      'portcullis-strip': z.object({
        headers: z.object({ customRequestHeaders: z.record(z.string(), z.literal('')) }),
      }),
      portcullis: z.object({
        forwardAuth: z.object({ authResponseHeaders: z.array(z.string()) }),
      }),
    }),
  }),
});

describe('the shipped files of proxies that no test runs', () => {
  it('have a model that keeps what the edge keeps', () => {
    expect(removedByNginx).toEqual(
      expect.arrayContaining(['x-userinfo', 'x-authkey', 'proxy', ...METHOD_OVERRIDES]),
    );
    expect(removedByNginx.length).toBeGreaterThan(25);
  });

  it('Envoy takes out all that NGINX does before it asks', () => {
    const removed = new Set(removalsIn(parse(textOf('envoy.yaml'))));
    // Their removal is what the answer says: some routes keep one of them.
    const answered = ['cookie', 'authorization'];
    expect(removedByNginx.filter((name) => !removed.has(name))).toEqual(answered);
  });

  it('Traefik takes out all that NGINX does, but for what it replaces itself', () => {
    const { middlewares } = traefik.parse(parse(textOf('traefik.yaml'))).http;
    const removed = new Set(
      [
        ...Object.keys(middlewares['portcullis-strip'].headers.customRequestHeaders),
        ...middlewares.portcullis.forwardAuth.authResponseHeaders,
      ].map((name) => name.toLowerCase()),
    );
    const replaced = ['port', 'server', 'method', 'uri'].map((name) => `x-forwarded-${name}`);
    expect(removedByNginx.filter((name) => !removed.has(name))).toEqual(['x-real-ip', ...replaced]);
  });
});
