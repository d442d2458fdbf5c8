import { describe, expect, it } from 'vitest';
import { areKeysMissing } from '../../../src/config/store-keys.ts';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

describe('listeners', () => {
  const second = (address: string): string =>
    `${smallest.replace(':0', ':8081')}  other:\n    address: "${address}"\n    routes: [{path: /, respond: {}}]\n`;

  it.each(['127.0.0.1:8081', '0.0.0.0:8081', ':8081', '[::]:8081'])(
    'cannot share an address: %s beside 127.0.0.1:8081',
    (address) => {
      const [problem, ...others] = problemsOf(second(address));
      expect(problem).toMatch(
        /^8:14: listeners\.other\.address: is \S+, which listeners\.edge has; expected an address or a port of its own$/,
      );
      expect(others).toEqual([]);
    },
  );

  it.each(['127.0.0.1:8082', '127.0.0.2:8081', '[::1]:8081', '127.0.0.1:0'])(
    'may be at %s and 127.0.0.1:8081',
    (address) => {
      expect(problemsOf(second(address))).toEqual([]);
    },
  );

  it('cannot share an address with the operators', () => {
    expect(
      problemsOf(`${smallest.replace(':0', ':9099')}admin: {address: 127.0.0.1:9099}\n`),
    ).toEqual([
      '7:18: admin.address: is 127.0.0.1:9099, which listeners.edge has; expected an address or a port of its own',
    ]);
  });

  it('may all have port 0, which is another one each time', () => {
    expect(problemsOf(`${smallest}admin: {address: 127.0.0.1:0}\n`)).toEqual([]);
  });

  it('with a validate endpoint need peers that they trust', () => {
    const yaml = smallest.replace('respond: {status: 204}', 'endpoint: validate');
    expect(problemsOf(yaml)).toEqual([
      '2:3: listeners.edge.trustedPeers: is missing, so that nobody may ask the validate endpoint; expected the addresses of the proxies that ask, such as 127.0.0.1/32',
    ]);
  });

  it('need peers that they trust where proxies ask, and another listener that decides', () => {
    const asking = (sidecars: string, more = ''): string =>
      `${smallest}  control:\n    address: 127.0.0.1:0\n${more}    sidecars: [${sidecars}]\n    routes: [{path: /, respond: {status: 204}}]\n`;
    const peers = '    trustedPeers: [127.0.0.1]\n';
    const nginx = '{path: /a, profile: nginx, decidesAs: edge}';
    expect(problemsOf(asking(nginx, peers))).toEqual([]);
    expect(problemsOf(asking(nginx))).toEqual([
      expect.stringContaining(
        'listeners.control.trustedPeers: is missing, so that nobody may ask the sidecars',
      ),
    ]);
    expect(problemsOf(asking('{path: /a, profile: nginx, decidesAs: edgy}', peers))).toEqual([
      expect.stringContaining('sidecars[0].decidesAs: is "edgy", which is no listener'),
    ]);
    expect(problemsOf(asking('{path: /a, profile: nginx, decidesAs: control}', peers))).toEqual([
      expect.stringContaining('decidesAs: is "control", the listener where proxies ask'),
    ]);
    expect(
      problemsOf(asking(`${nginx}, {path: /a/b, profile: envoy, decidesAs: edge}`, peers)),
    ).toEqual([
      expect.stringContaining('sidecars[1].path: is "/a/b", which an earlier sidecar has'),
    ]);
    for (const path of ['/a/', '/', 'a', '/a//b', '/%61', '/a?b']) {
      const yaml = asking(`{path: ${path}, profile: nginx, decidesAs: edge}`, peers);
      expect(problemsOf(yaml), path).toEqual([expect.stringContaining('sidecars[0].path')]);
    }
  });

  it('take trusted peers as ranges and as addresses', () => {
    const peers = 'trustedPeers: [10.0.0.0/8, 127.0.0.1, "::1", "fd00::/8"]';
    const yaml = smallest.replace('routes:', `${peers}\n    routes:`);
    expect(load(yaml).listeners[0]?.trustedPeers).toEqual([
      '10.0.0.0/8',
      '127.0.0.1/32',
      '::1/128',
      'fd00::/8',
    ]);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'localhost', '::1/129', '10.0.0.0/'])(
    'refuse %j as a trusted peer',
    (peer) => {
      const yaml = smallest.replace('routes:', `trustedPeers: ["${peer}"]\n    routes:`);
      expect(problemsOf(yaml)).toEqual([
        `4:20: listeners.edge.trustedPeers[0]: is "${peer}"; expected an address range such as 127.0.0.1/32, 10.0.0.0/8 or ::1/128`,
      ]);
    },
  );

  it('cannot have targets that are longer than heads', () => {
    const yaml = smallest.replace('routes:', 'limits: {targetBytesMax: 32KiB}\n    routes:');
    expect(problemsOf(yaml)).toEqual([
      '4:30: listeners.edge.limits.targetBytesMax: is 32KiB, more than headBytesMax; expected at most 16KiB, or a larger headBytesMax',
    ]);
  });
});

describe('the cookie', () => {
  const withLogin = (isSecure: boolean): string =>
    `${smallest.replace('respond: {status: 204}', 'endpoint: login')}    secure: ${isSecure}\n`;

  it('may have a __Host- name where every listener that uses it is secure', () => {
    expect(problemsOf(`${withLogin(true)}cookie: {name: __Host-s, sameSite: None}\n`)).toEqual([]);
  });

  it('cannot have a __Host- or __Secure- name in the clear', () => {
    for (const name of ['__Host-s', '__Secure-s']) {
      expect(problemsOf(`${withLogin(false)}cookie: {name: ${name}}\n`)).toEqual([
        `8:16: cookie.name: is "${name}", which browsers refuse in the clear, and listener edge is not secure; expected a name without __, or tls there`,
      ]);
    }
  });

  it('may have one beside a clear-text listener that never sees the cookie', () => {
    expect(problemsOf(`${smallest}cookie: {name: __Host-s}\n`)).toEqual([]);
  });

  it('cannot have a __Host- name with another path', () => {
    expect(problemsOf(`${withLogin(true)}cookie: {name: __Host-s, path: /app}\n`)).toEqual([
      '8:32: cookie.path: is "/app", which browsers refuse for a __Host- name; expected /, or another name',
    ]);
  });

  it('cannot be SameSite=None in the clear', () => {
    expect(problemsOf(`${withLogin(false)}cookie: {sameSite: None}\n`)).toEqual([
      '8:20: cookie.sameSite: is None, which browsers refuse in the clear, and listener edge is not secure; expected Lax or Strict, or tls there',
    ]);
  });

  it.each(['a b', 'a;b', 'a=b', 'ä', '""', 'a,b'])('cannot be named %s', (name) => {
    const [problem] = problemsOf(`${smallest}cookie: {name: '${name}'}\n`);
    expect(problem).toContain('expected a cookie name');
  });
});

describe('token keys', () => {
  it('are missing where a store outlives the process and there are none', () => {
    expect(areKeysMissing('redis', [])).toBe(true);
    expect(areKeysMissing('sqlite', [])).toBe(true);
  });

  it('are not missing where there are some, or sessions end with the process', () => {
    expect(areKeysMissing('redis', [{}])).toBe(false);
    expect(areKeysMissing('memory', [])).toBe(false);
  });
});
