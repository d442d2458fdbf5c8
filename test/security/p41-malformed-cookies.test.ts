import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P41: a cookie that is no token of ours opens nothing, under %s',
  (answers) => {
    const scene = useScene({ answers });

    it('whatever it is made of', async () => {
      const genuine = scene.login.token;
      const octets = fc.string({
        unit: fc.constantFrom(...'aZ09.-_=%"\\/+{}[]~!\x80\xff,\t '),
        maxLength: 200,
      });
      const mangled = fc
        .tuple(fc.nat(genuine.length - 1), fc.constantFrom(...'AbC-_.='))
        .map(([at, letter]) => genuine.slice(0, at) + letter + genuine.slice(at + 1));
      const cut = fc.nat(genuine.length - 1).map((length) => genuine.slice(0, length));
      const values = fc
        .sample(fc.oneof(octets, mangled, cut), 600)
        .filter((value) => value.trim() !== genuine);
      await using client = await RawClient.connect(scene.gateway.edge);
      scene.mark();
      for (const value of values) {
        client.write(request('GET', '/api/x', [`Cookie: portcullis=${value}`]));
        const { status } = await client.response();
        expect([answers === 'modern' ? 401 : 403], JSON.stringify(value)).toContain(status);
      }
      expect(scene.forwarded()).toEqual([]);
    });
  },
);
