import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

const keys = 'tokens: {keys: [{id: k1, secret: no less than thirty-two characters}]}\n';
const withStore = (store: string): string => `${smallest}${keys}sessions: {store: ${store}}\n`;

describe('coherence', () => {
  it('asks the store ten times within the usual bound, and five times within a short one', () => {
    expect(load(smallest).coherence).toMatchObject({ stalenessMs: 5_000, pollIntervalMs: 500 });
    const short = load(`${smallest}coherence: {staleness: 1s}\n`).coherence;
    expect(short).toMatchObject({ pollIntervalMs: 200, streamGraceMs: 1_000 });
  });

  it('leaves room for polls that get lost', () => {
    const [problem, ...others] = problemsOf(
      `${smallest}coherence: {staleness: 2s, pollInterval: 501ms}\n`,
    );
    expect(problem).toMatch(/coherence\.pollInterval: is 501ms, more than a quarter of staleness/);
    expect(others).toEqual([]);
    expect(problemsOf(`${smallest}coherence: {staleness: 2s, pollInterval: 500ms}\n`)).toEqual([]);
  });

  it.each(['499ms', '61s'])('has no bound of %s', (staleness) => {
    expect(problemsOf(`${smallest}coherence: {staleness: ${staleness}}\n`)).toEqual([
      expect.stringMatching(/coherence\.staleness: .*from 500ms to 60s/),
    ]);
  });
});

describe('a store in Redis', () => {
  it('is on this machine, stand-alone and in the clear unless said', () => {
    expect(load(withStore('{type: redis}')).sessions.store).toMatchObject({
      mode: 'standalone',
      servers: [{ host: '127.0.0.1', port: 6379 }],
      tls: null,
      keyPrefix: 'gw',
      login: { username: null, password: null, passwordFile: null },
    });
  });

  it('needs token keys', () => {
    expect(problemsOf(`${smallest}sessions: {store: {type: redis}}\n`)).toEqual([
      expect.stringMatching(/tokens\.keys: is missing, but sessions in redis outlive/),
    ]);
  });

  it.each([
    ['{type: redis, servers: [nowhere]}', /servers/],
    ['{type: redis, mode: ring}', /mode: is "ring"/],
    ['{type: redis, keyPrefix: "a{b"}', /keyPrefix/],
    ['{type: redis, passwordFile: nosuch.txt}', /names a file that does not exist/],
    ['{type: redis, secure: true, tls: {caFile: nosuch.pem}}', /caFile/],
  ])('is refused as %s', (store, problem) => {
    const problems = problemsOf(withStore(store));
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatch(problem);
  });

  it('on another machine in the clear, or unverified, is warned of', () => {
    const far = 'servers: ["redis.internal:6379"]';
    const warned = (store: string): string => load(withStore(store)).warnings.join('\n');
    expect(warned(`{type: redis, ${far}}`)).toMatch(
      /speaks to Redis at redis\.internal:6379 in the clear/,
    );
    expect(warned(`{type: redis, ${far}, secure: true}`)).not.toMatch(/Redis/);
    expect(warned(`{type: redis, ${far}, secure: true, tls: {verify: false}}`)).toMatch(
      /does not verify Redis/,
    );
  });

  it('never shows its password', () => {
    const config = load(withStore('{type: redis, password: correct-horse}'));
    expect(JSON.stringify(config)).not.toContain('correct-horse');
  });
});
