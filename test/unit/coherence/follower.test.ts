import { describe, expect, it } from 'vitest';
import { FollowerScene } from './follower-scene.ts';

describe('the lease', () => {
  it('is there after the first poll, and not before', async () => {
    await using scene = new FollowerScene();
    expect(scene.follower.hasLease).toBe(false);
    expect(scene.follower.mayRead).toBe(false);
    await scene.start();
    expect(scene.follower.hasLease).toBe(true);
    expect(scene.follower.state).toBe('coherent');
  });

  it('lasts four fifths of the bound from the sending of the last poll that was answered', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.mood = 'held';
    await scene.pass(200);
    // This one was sent at 200 and is answered at 700: too old to be worth more than 300 ms.
    await scene.pass(500);
    expect(scene.follower.hasLease).toBe(true);
    await scene.pass(90);
    expect(scene.follower.hasLease).toBe(true);
    await scene.pass(10);
    expect(scene.follower.hasLease).toBe(false);
    scene.log.release();
    await scene.settle();
    expect(scene.follower.hasLease).toBe(true);
    await scene.pass(190);
    expect(scene.follower.hasLease).toBe(true);
    await scene.pass(10);
    expect(scene.follower.hasLease).toBe(false);
  });

  it('is over when the wall clock says so, though the monotonic one stood still', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.clock.setBack(-800);
    expect(scene.follower.hasLease).toBe(false);
    expect(await scene.follower.renewal()).toBe(true);
  });

  it('is not shortened by a wall clock that is set back', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.clock.setBack(3_600_000);
    expect(scene.follower.hasLease).toBe(true);
    scene.log.mood = 'held';
    await scene.pass(800);
    expect(scene.follower.hasLease).toBe(false);
  });

  it('is not renewed while polls are refused', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.mood = 'refused';
    await scene.pass(1_000);
    expect(scene.follower.hasLease).toBe(false);
    expect(scene.follower.counters.lapses).toBe(1);
    scene.log.isConnected = false;
    expect(scene.follower.state).toBe('isolated');
    scene.log.mood = 'answering';
    scene.log.isConnected = true;
    await scene.pass(200);
    expect(scene.follower.state).toBe('coherent');
  });

  it('gives a connection up that has been silent for the bound', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.mood = 'held';
    await scene.pass(1_190);
    expect(scene.log.givenUp).toBe(0);
    await scene.pass(20);
    expect(scene.log.givenUp).toBe(1);
  });
});

describe('a wall clock that is set', () => {
  it.each([3_600_000, -3_600_000])(
    'by %i ms costs every copy, for its times are on the old one, once',
    async (ms) => {
      await using scene = new FollowerScene();
      await scene.start();
      await scene.pass(400);
      const { jumps } = scene.replica;
      const { generation } = scene.follower;
      scene.clock.setBack(ms);
      await scene.pass(400);
      expect(scene.replica.jumps).toBe(jumps + 1);
      expect(scene.follower.generation).toBe(generation + 1);
      expect(scene.follower.counters.jumps.clock).toBe(1);
      expect(scene.follower.state).toBe('coherent');
    },
  );
});

describe('a worker that is said to have gone', () => {
  it('is struck from the table, whatever it said last', async () => {
    await using scene = new FollowerScene();
    scene.log.members = [
      { worker: 'self', sequence: 1, boundMs: 1_000 },
      { worker: 'dead', sequence: 9, boundMs: 60_000 },
    ];
    await scene.start();
    scene.bus.listener?.left('dead');
    await scene.settle();
    expect(scene.log.members.map(({ worker }) => worker)).toEqual(['self']);
  });
});

describe('requests without a lease', () => {
  it('wait for the one poll under way', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.mood = 'held';
    await scene.pass(1_000);
    const asked = scene.log.questions.length;
    const waits = [scene.follower.renewal(), scene.follower.renewal()];
    await scene.settle();
    expect(scene.log.questions.length).toBe(asked);
    scene.log.mood = 'answering';
    // Sent too long ago to be worth anything: the next one is.
    scene.log.release();
    await scene.pass(200);
    expect(await Promise.all(waits)).toEqual([true, true]);
  });

  it('wait no longer than a command may take', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.mood = 'held';
    await scene.pass(1_000);
    const wait = scene.follower.renewal();
    await scene.pass(250);
    expect(await wait).toBe(false);
  });

  it('do not wait where nobody is connected', async () => {
    await using scene = new FollowerScene();
    scene.log.mood = 'refused';
    scene.log.isConnected = false;
    await scene.start();
    expect(await scene.follower.renewal()).toBe(false);
  });
});

describe('a poll', () => {
  it('brings what the bus did not, and has it acknowledged', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const { number, tag } = scene.log.append(['k1']);
    await scene.pass(200);
    expect(scene.replica.applied).toEqual(['k1']);
    expect(scene.bus.acknowledgements).toEqual([
      { revoker: 'other', worker: 'self', entries: [{ number, tag }] },
    ]);
    expect(scene.follower.counters.catchUps).toBe(1);
  });

  it('is asked from where the last one ended, whatever the bus brought', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const first = scene.log.append(['k1']);
    const second = scene.log.append(['k2']);
    scene.bus.listener?.entered(second);
    await scene.pass(200);
    expect(scene.log.questions.at(-1)?.position).toEqual({ number: 0, tag: '' });
    expect(scene.replica.applied).toEqual(['k2', first.ids[0], 'k2']);
    await scene.pass(200);
    expect(scene.log.questions.at(-1)?.position).toEqual({ number: 2, tag: second.tag });
  });

  it('that finds the bus to miss everything renews it now and then, not with every poll', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    for (let poll = 0; poll < 50; poll += 1) {
      scene.log.append([`k${String(poll)}`]);
      await scene.pass(200, 50);
    }
    expect(scene.follower.counters.missed).toBeGreaterThan(40);
    expect(scene.bus.renewals).toBe(2);
  });

  it('finds the bus sound after a thousand messages that came late', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const late = Array.from({ length: 1_000 }, (_, index) => scene.log.append([`k${index}`]));
    await scene.pass(600, 50);
    expect(scene.bus.renewals).toBe(1);
    for (const entry of late) scene.bus.listener?.entered(entry);
    await scene.pass(6_000, 50);
    const { missed } = scene.follower.counters;
    scene.bus.listener?.entered(scene.log.append(['in time']));
    await scene.pass(600, 50);
    expect(scene.follower.counters.missed).toBe(missed);
    expect(scene.bus.renewals).toBe(1);
  });

  it('that finds the bus to have missed something renews it, a period later', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.append(['k1']);
    await scene.pass(200);
    expect(scene.bus.renewals).toBe(0);
    await scene.pass(200);
    expect(scene.bus.renewals).toBe(1);
    expect(scene.follower.counters.missed).toBe(1);
    const late = scene.log.append(['k2']);
    await scene.pass(200);
    scene.bus.listener?.entered(late);
    await scene.pass(400);
    expect(scene.bus.renewals).toBe(1);
  });

  it('that cannot go on where the last one ended drops every copy', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const { generation } = scene.follower;
    scene.log.append(['k1']);
    await scene.pass(200);
    scene.log.entries = [];
    scene.log.trimmed = 7;
    await scene.pass(200);
    expect(scene.replica.jumps).toBe(2);
    expect(scene.follower.generation).toBe(generation + 1);
    expect(scene.follower.counters.jumps.trimmed).toBe(1);
    expect(scene.follower.hasLease).toBe(true);
  });
});

describe('a new epoch of the store', () => {
  it('is believed when it is old enough, and told what we remember before', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.replica.remembered = ['k1', 'k2'];
    scene.log.epoch = { id: 'e2', ageMs: 0, isNew: false };
    await scene.pass(200);
    expect(scene.reminded).toEqual(['k1', 'k2']);
    expect(scene.follower.mayRead).toBe(false);
    // The lease from before runs to its end.
    expect(scene.follower.hasLease).toBe(true);
    scene.log.epoch = { id: 'e2', ageMs: 200, isNew: false };
    await scene.pass(200);
    expect(scene.follower.mayRead).toBe(false);
    scene.log.epoch = { id: 'e2', ageMs: 500, isNew: false };
    await scene.pass(200);
    expect(scene.follower.mayRead).toBe(true);
    expect(scene.follower.hasLease).toBe(true);
    expect(scene.reminded.length).toBe(2);
  });

  it('is believed by our own clock too, where that of the store was set back', async () => {
    await using scene = new FollowerScene();
    scene.log.epoch = { id: 'e1', ageMs: -3_600_000, isNew: false };
    await scene.start();
    await scene.pass(490);
    expect(scene.follower.mayRead).toBe(false);
    expect(scene.follower.hasLease).toBe(false);
    expect(scene.follower.state).toBe('resyncing');
    await scene.pass(210);
    expect(scene.follower.mayRead).toBe(true);
    expect(scene.follower.hasLease).toBe(true);
  });

  it('in an empty store drops every copy', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    scene.log.epoch = { id: 'e2', ageMs: 0, isNew: true };
    await scene.pass(200);
    expect(scene.replica.jumps).toBe(2);
    expect(scene.follower.mayRead).toBe(true);
  });
});

describe('a revocation of ours', () => {
  const other = { worker: 'other', boundMs: 1_000 };
  const third = { worker: 'third', boundMs: 3_000 };

  it('is settled when every member has acknowledged every entry', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self'), scene.log.append(['k2'], 'self')];
    let isDone = false;
    const settling = scene.follower.settle(scene.commit(entries, [other, third]));
    void settling.then(() => {
      isDone = true;
    });
    scene.follower.acknowledged({ worker: 'other', entries });
    scene.follower.acknowledged({ worker: 'third', entries: entries.slice(0, 1) });
    await scene.pass(50);
    expect(isDone).toBe(false);
    scene.follower.acknowledged({ worker: 'third', entries: entries.slice(1) });
    expect(await settling).toEqual({
      members: 3,
      acknowledged: 3,
      waitedMs: 50,
      isReplicated: null,
    });
  });

  it('is settled when an acknowledgement overtook the answer', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self')];
    scene.follower.acknowledged({ worker: 'other', entries });
    const settled = await scene.follower.settle(scene.commit(entries, [other]));
    expect(settled.acknowledged).toBe(2);
  });

  it('waits for a silent member as long as that may believe what it knows', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self')];
    const settling = scene.follower.settle(scene.commit(entries, [other, third]));
    scene.follower.acknowledged({ worker: 'other', entries });
    await scene.pass(3_000);
    expect(await settling).toMatchObject({ members: 3, acknowledged: 2, waitedMs: 3_000 });
    expect(scene.follower.counters.unacknowledged).toBe(1);
  });

  it('takes the end of a member for its acknowledgement', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self')];
    const settling = scene.follower.settle(scene.commit(entries, [other]));
    await scene.pass(20);
    scene.follower.left('other');
    expect(await settling).toMatchObject({ acknowledged: 2, waitedMs: 20 });
  });

  it('is waited out in full where members may be missing from the table', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self')];
    const settling = scene.follower.settle(scene.commit(entries, [], 2_000));
    await scene.pass(2_000);
    expect(await settling).toMatchObject({ members: 1, acknowledged: 1, waitedMs: 2_000 });
  });

  it('is waited out in full where nobody can say who is there', async () => {
    await using scene = new FollowerScene();
    await scene.start();
    const entries = [scene.log.append(['k1'], 'self')];
    const commit = { entries, members: null, unknownBoundMs: 0, isReplicated: null };
    const settling = scene.follower.settle(commit);
    await scene.pass(1_000);
    expect(await settling).toMatchObject({ waitedMs: 1_000 });
  });
});

describe('a member without a word', () => {
  it('is struck when its polls have stood still for its own bound', async () => {
    await using scene = new FollowerScene();
    const quiet = { worker: 'quiet', sequence: 3, boundMs: 1_000 };
    const slow = { worker: 'slow', sequence: 1, boundMs: 4_000 };
    scene.log.members = [{ worker: 'self', sequence: 1, boundMs: 1_000 }, quiet, slow];
    await scene.start();
    await scene.pass(1_990);
    expect(scene.log.struck).toEqual([]);
    await scene.pass(10);
    expect(scene.log.struck).toEqual(['quiet']);
    await scene.pass(3_000);
    expect(scene.log.struck).toEqual(['quiet', 'slow']);
  });

  it('is not struck once it has polled again', async () => {
    await using scene = new FollowerScene();
    scene.log.members = [{ worker: 'late', sequence: 3, boundMs: 1_000 }];
    await scene.start();
    await scene.pass(1_500);
    scene.log.members = [{ worker: 'late', sequence: 4, boundMs: 1_000 }];
    await scene.pass(1_400);
    expect(scene.log.struck).toEqual([]);
  });
});
