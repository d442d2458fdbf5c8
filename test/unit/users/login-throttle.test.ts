import { describe, expect, it } from 'vitest';
import type { LoginThrottleConfig } from '../../../src/config/login-throttle.ts';
import { LocalBuckets } from '../../../src/lib/local-buckets.ts';
import { KnownPlaces } from '../../../src/users/known-places.ts';
import { LoginThrottle } from '../../../src/users/login-throttle.ts';
import { testPlaceStore } from '../../contract/place-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const config: LoginThrottleConfig = {
  isEnabled: true,
  account: { failures: 3, regainMs: 60_000 },
  address: { failures: 10, regainMs: 10_000 },
  overall: { failures: 30, regainMs: 1_000 },
  exemptAddresses: ['198.51.100.0/24'],
  entriesMax: 1_000,
};

class Door {
  readonly clock = new ManualClock();
  readonly throttle: LoginThrottle;

  constructor(change: Partial<LoginThrottleConfig> = {}) {
    this.throttle = new LoginThrottle({
      config: { ...config, ...change },
      buckets: new LocalBuckets(this.clock, { entriesMax: 1_000, whenFull: 'share' }),
      places: new KnownPlaces(100),
    });
  }

  /** What came of an attempt: `admitted`, or what has run out. */
  async try(
    name: string | null,
    address: string,
    end: 'rejected' | 'accepted' | 'undecided' = 'rejected',
    subject: string | null = name,
  ): Promise<string> {
    const admission = await this.throttle.begin(name, address);
    if (admission.kind === 'throttled') return admission.by;
    if (admission.kind === 'unavailable') return admission.kind;
    if (end === 'accepted') await admission.attempt.accepted(subject ?? '');
    else if (end === 'rejected') await admission.attempt.rejected(subject);
    else await admission.attempt.undecided();
    return 'admitted';
  }

  async times(count: number, ...attempt: Parameters<Door['try']>): Promise<string[]> {
    const all: string[] = [];
    for (let one = 0; one < count; one += 1) all.push(await this.try(...attempt));
    return all;
  }
}

const in4 = ['admitted', 'admitted', 'admitted', 'account'];

describe('failed logins', () => {
  it('slow down further ones at the account, whether there is such an account or not', async () => {
    const door = new Door();
    expect(await door.times(4, 'anna', '192.0.2.1')).toEqual(in4);
    expect(await door.times(4, 'nobody', '192.0.2.2', 'rejected', null)).toEqual(in4);
    // From everywhere, and with the right password as well: it is not looked at.
    expect(await door.try('anna', '192.0.2.99', 'accepted')).toBe('account');
    door.clock.advance(60_000);
    expect(await door.times(2, 'anna', '192.0.2.1')).toEqual(['admitted', 'account']);
  });

  it('are counted for one account, however it is spelled', async () => {
    const door = new Door();
    const spellings = ['anna', 'ANNA', ' änna'];
    for (const spelling of spellings) await door.try(spelling, '192.0.2.1', 'rejected', 'anna');
    expect(await door.try('Anna', '192.0.2.1')).toBe('account');
  });

  it('are counted for the user whose name it was, where the directory says so', async () => {
    const door = new Door();
    await door.times(2, 'anna@example.org', '192.0.2.1', 'rejected', 'anna');
    expect(await door.times(2, 'anna', '192.0.2.1')).toEqual(['admitted', 'account']);
    expect(await door.try('anna@example.org', '192.0.2.1', 'rejected', 'anna')).toBe('account');
    expect(await door.try('berta@example.org', '192.0.2.1', 'rejected', 'berta')).toBe('admitted');
  });

  it('slow down an address whatever the accounts, of IPv6 its /64, but none that is exempt', async () => {
    const door = new Door();
    const names = Array.from({ length: 11 }, (_, index) => `user${String(index)}`);
    const from = async (addressOf: (index: number) => string): Promise<string[]> => {
      const all: string[] = [];
      for (const [index, name] of names.entries()) all.push(await door.try(name, addressOf(index)));
      return all;
    };
    expect((await from(() => '192.0.2.1')).filter((one) => one !== 'admitted')).toEqual([
      'address',
    ]);
    const inOneNetwork = await from((index) => `2001:db8:1:2::${String(index + 1)}`);
    expect(inOneNetwork.at(-1)).toBe('address');
    const exempt = new Door();
    for (const name of names) expect(await exempt.try(name, '198.51.100.7')).toBe('admitted');
  });

  it('slow down a whole /48 long before it has used up what there is for all strangers', async () => {
    const door = new Door({ overall: { failures: 200, regainMs: 1_000 } });
    const from = async (site: string): Promise<string[]> => {
      const all: string[] = [];
      for (let index = 0; index < 210; index += 1) {
        const address = `${site}:${(index + 256).toString(16)}::1`;
        all.push(await door.try(`user${site}${String(index)}`, address));
      }
      return all;
    };
    const here = await from('2001:db8:1');
    expect(here.filter((one) => one === 'admitted')).toHaveLength(20);
    expect(new Set(here.slice(20))).toEqual(new Set(['address']));
    expect(await door.try('anna', '2001:db8:2::1')).toBe('admitted');
    expect(await door.try('anna', '192.0.2.1')).toBe('admitted');
    expect((await door.throttle.bans()).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'address 2001:db8:1::/48',
    ]);
    // It has back a tenth of what all have back.
    door.clock.advance(10_000);
    expect((await from('2001:db8:1')).filter((one) => one === 'admitted')).toHaveLength(1);
    expect(await door.throttle.clear({ address: '2001:db8:1:ffff::1' })).toBe(1);
    expect(await door.try('berta', '2001:db8:1:fff::1')).toBe('admitted');
  });

  it('slow down everybody in the end, but for those who are at home', async () => {
    const door = new Door();
    await door.try('anna', '192.0.2.1', 'accepted');
    for (let index = 0; index < 30; index += 1) {
      const address = `203.0.113.${String(index)}`;
      expect(await door.try(`user${String(index)}`, address)).toBe('admitted');
    }
    expect(await door.try('berta', '192.0.2.2')).toBe('overall');
    expect(await door.try('anna', '192.0.2.1', 'accepted')).toBe('admitted');
    // A token of a third party names nobody.
    expect(await door.try(null, '192.0.2.3')).toBe('overall');
  });

  it('of strangers keep nobody out who is where he has logged in before', async () => {
    const door = new Door();
    await door.try('anna', '192.0.2.1', 'accepted');
    expect(await door.times(4, 'anna', '203.0.113.1')).toEqual(in4);
    expect(await door.try('anna', '203.0.113.2')).toBe('account');
    // At home there is a limit as well, and it is nobody else's.
    expect(await door.times(4, 'anna', '192.0.2.1')).toEqual(in4);
  });

  it('are counted before they have failed, so that many at once are many', async () => {
    const door = new Door();
    const admissions = await Promise.all(
      Array.from({ length: 10 }, () => door.throttle.begin('anna', '192.0.2.1')),
    );
    expect(admissions.filter(({ kind }) => kind === 'admitted')).toHaveLength(3);
  });

  it('are not those that a right password ended, nor those that nobody could decide', async () => {
    const door = new Door();
    expect(new Set(await door.times(20, 'anna', '203.0.113.1', 'undecided'))).toEqual(
      new Set(['admitted']),
    );
    expect(new Set(await door.times(20, 'anna', '203.0.113.1', 'accepted'))).toEqual(
      new Set(['admitted']),
    );
    expect(await door.throttle.bans()).toEqual([]);
  });

  it('slow nobody down where that is switched off', async () => {
    const door = new Door({ isEnabled: false });
    expect(new Set(await door.times(100, 'anna', '192.0.2.1'))).toEqual(new Set(['admitted']));
  });
});

describe('who has to wait', () => {
  it('is listed, and has not to when that is cleared', async () => {
    const door = new Door();
    await door.try('anna', '192.0.2.1', 'accepted');
    await door.times(3, 'Anna', '203.0.113.1');
    await door.times(3, 'anna', '192.0.2.1');
    for (let index = 0; index < 7; index += 1) await door.try(`u${String(index)}`, '203.0.113.1');
    const wait = { waitMs: 60_000 };
    expect(await door.throttle.bans()).toEqual([
      { kind: 'account', name: 'anna', network: null, ...wait },
      { kind: 'address', name: '203.0.113.1', network: null, waitMs: 10_000 },
      { kind: 'account', name: 'anna', network: '192.0.2.1', ...wait },
    ]);
    expect(await door.throttle.clear({ account: 'ANNA' })).toBe(2);
    expect(await door.throttle.clear({ address: '203.0.113.1' })).toBe(1);
    expect(await door.throttle.bans()).toEqual([]);
    expect(await door.try('anna', '203.0.113.1')).toBe('admitted');
    expect(await door.throttle.clear('all')).toBeGreaterThan(0);
    expect(await door.throttle.clear({ account: '' })).toBe(0);
  });
});

testPlaceStore('places of one process', () => new KnownPlaces(100));

describe('the places that are known', () => {
  it('are few for each account, the newest ones, and for so many accounts', () => {
    const places = new KnownPlaces(2);
    for (let index = 0; index < 10; index += 1) places.add('anna', `n${String(index)}`);
    expect(places.of('anna')).toEqual(['n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9']);
    places.add('berta', 'n');
    places.add('anna', 'n9');
    places.add('carla', 'n');
    expect(['anna', 'berta', 'carla'].map((one) => places.of(one).length)).toEqual([8, 0, 1]);
  });
});
