import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { planned } from '../support/gateway-yaml.ts';
import { logIn } from '../support/login.ts';
import { ask, RawClient } from '../support/raw-client.ts';
import { request } from '../support/request.ts';
import { bothAnswers } from '../support/scene.ts';

describe.each(bothAnswers)(
  'P20: /validate says 200 only together with who it is, under %s',
  (answers) => {
    let gateway: Gateway;
    let cookie = '';

    beforeAll(async () => {
      const yaml = planned({ answers, upstreamPorts: [9] });
      yaml.listeners['control'] = {
        trustedPeers: ['127.0.0.1/32'],
        routes: [{ exactPath: '/validate', endpoint: 'validate' }],
      };
      gateway = await Gateway.start(yaml);
      cookie = (await logIn(gateway.edge)).cookie;
    });
    afterAll(async () => {
      await gateway.stop();
    });

    it('a live session gets 200 and one X-UserInfo that is not empty', async () => {
      const response = await ask(
        gateway.control,
        request('GET', '/validate', [`Cookie: ${cookie}`]),
      );
      expect(response.status).toBe(200);
      expect(response.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
      expect(response.text()).toBe(answers === 'tyke' ? 'you good' : '');
    });

    it('what the client says it is changes nothing', async () => {
      const lines = [`Cookie: ${cookie}`, 'X-UserInfo: root', 'X_UserInfo: root'];
      const response = await ask(gateway.control, request('GET', '/validate', lines));
      expect(response.values('x-userinfo')).toEqual([expect.stringContaining('user1')]);
      expect(JSON.stringify(response.fields)).not.toContain('root');
    });

    it('nobody gets a 2xx, and no X-UserInfo, with the client’s own', async () => {
      const status = answers === 'modern' ? 401 : 403;
      for (const lines of [['X-UserInfo: root'], ['X-UserInfo: root', 'Cookie: portcullis=x']]) {
        const response = await ask(gateway.control, request('GET', '/validate', lines));
        expect(response.status).toBe(status);
        expect(response.values('x-userinfo')).toEqual([]);
      }
    });

    it('a peer that is not trusted gets 403', async () => {
      await using client = await RawClient.connect(gateway.control, { localAddress: '127.0.0.2' });
      const response = await client
        .write(request('GET', '/validate', [`Cookie: ${cookie}`]))
        .response();
      expect(response.status).toBe(403);
      expect(response.values('x-userinfo')).toEqual([]);
    });
  },
);
