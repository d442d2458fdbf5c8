import { describe, expect, it } from 'vitest';
import { FormStates } from '../../src/tokens/form-states.ts';
import { Secret } from '../../src/lib/secret.ts';
import { FormSession } from '../support/form-session.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { useScene } from '../support/scene.ts';

const keyed = (...secrets: string[]) => ({
  keys: secrets.map((secret, index) => ({ id: `k${String(index)}`, secret: new Secret(secret) })),
});
const one = 'a'.repeat(40);
const two = 'b'.repeat(40);

describe('P55: what a form carries is signed as a whole', () => {
  const clock = new ManualClock();
  const states = new FormStates(keyed(one), clock);
  const binding = states.createBinding();

  it('and opens for its purpose, its browser and its time, with every field', () => {
    const sealed = states.seal('login', { target: '/x?y=1', other: 'é' }, binding, 1_000);
    expect(states.open(sealed, 'login', binding)).toEqual({ target: '/x?y=1', other: 'é' });
    expect(states.open(sealed, 'back', binding)).toBeNull();
    expect(states.open(sealed, 'login', states.createBinding())).toBeNull();
    expect(states.open(sealed, 'login', '')).toBeNull();
    clock.advance(1_000);
    expect(states.open(sealed, 'login', binding)).toBeNull();
  });

  it('and opens no more when a single character of it is another one', () => {
    const sealed = states.seal('login', { target: '/x' }, binding, 60_000);
    for (let at = 0; at < sealed.length; at++) {
      for (const letter of ['A', '_', '.', 'z']) {
        if (sealed[at] === letter) continue;
        const changed = sealed.slice(0, at) + letter + sealed.slice(at + 1);
        expect(states.open(changed, 'login', binding), `${String(at)} ${letter}`).toBeNull();
      }
    }
  });

  it.each(['', '.', 'x', 'x.y', `${'A'.repeat(7_000)}.${'A'.repeat(43)}`, `e30.${'A'.repeat(43)}`])(
    'and what we never made is nothing: %s',
    (text) => {
      expect(states.open(text, 'login', binding)).toBeNull();
    },
  );

  it('with the keys of the configuration: other nodes know it, also while a key is replaced', () => {
    const sealed = states.seal('login', {}, binding, 60_000);
    expect(new FormStates(keyed(two, one), clock).open(sealed, 'login', binding)).toEqual({});
    expect(new FormStates(keyed(two), clock).open(sealed, 'login', binding)).toBeNull();
    expect(new FormStates(keyed(), clock).open(sealed, 'login', binding)).toBeNull();
  });
});

describe('P55: the return target of a login is the one that was signed', () => {
  const scene = useScene({ login: 'loginPage', sections: { login: { home: '/start' } } });

  it('whatever else the form, the address or another token says', async () => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login?next=/first');
    const { token } = browser;
    const answer = await browser.post('/auth/login?next=/second', {
      ...{ token, username: 'user1', password: 'pass1' },
      ...{ target: '/third', next: '/fourth' },
    });
    expect(answer.status).toBe(303);
    const location = answer.value('location') ?? '';
    const arrived = await browser.get(`${location}&next=/fifth`);
    expect(arrived.value('location')).toBe('/first');
  });

  it('and the token of the form is none for the way back, nor the other way round', async () => {
    const browser = new FormSession(scene.gateway.edge);
    await browser.get('/auth/login?next=/first');
    const { token } = browser;
    const back = (await browser.logIn()).value('location')?.split('back=')[1] ?? '';
    const arrived = await browser.get(`/auth/login?back=${token}`);
    expect(arrived.value('location')).toBe('/start');
    browser.cookies.clear();
    await browser.get('/auth/login');
    expect(
      (await browser.post('/auth/login', { token: back, username: 'user1', password: 'pass1' }))
        .status,
    ).toBe(403);
  });

  it('and the way back of another browser leads home', async () => {
    const [attacker, victim] = [
      new FormSession(scene.gateway.edge),
      new FormSession(scene.gateway.edge),
    ];
    await attacker.get('/auth/login?next=/bait');
    const bait = (await attacker.logIn()).value('location') ?? '';
    await victim.get('/auth/login');
    await victim.logIn();
    expect((await victim.get(bait)).value('location')).toBe('/start');
  });
});
