import { describe, expect, test } from 'vitest';
import type { Principal } from '../../src/identity/principal.ts';
import { passwordBytesMax } from '../../src/passwords/password.ts';
import { usernameCharactersMax } from '../../src/users/username.ts';
import type { Directory } from '../../src/users/directory.ts';

/** A directory under test with one user in it. */
export interface DirectoryFixture extends AsyncDisposable {
  readonly directory: Directory;
  readonly user: {
    /** The name as the directory spells it. */
    readonly username: string;
    /** Further spellings under which the directory is to know the same user. */
    readonly otherSpellings: readonly string[];
    readonly password: string;
    /** What comes back, whatever spelling was typed. */
    readonly principal: Principal;
  };
  /** Takes away what the directory lives on, and gives it back; null where nothing can fail. */
  readonly fault: { begin(): Promise<void>; end(): Promise<void> } | null;
}

/** What holds for every directory. Each adapter's test calls this with a way to make one. */
export function testDirectory(title: string, make: () => Promise<DirectoryFixture>): void {
  describe(`${title}, as every directory,`, () => {
    testVerdicts(make);
    testRefusedInput(make);
    testOutage(make);
  });
}

function testVerdicts(make: () => Promise<DirectoryFixture>): void {
  test('accepts the right password and gives the principal', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const verdict = await directory.authenticate(user.username, user.password);
    expect(verdict).toMatchObject({ kind: 'accepted', principal: user.principal });
    expect(user.principal.directory).toBe(directory.name);
  });

  test('gives the name as it spells it, not as it was typed', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const padded = ` ${user.username} `;
    for (const typed of [padded, ...user.otherSpellings]) {
      const verdict = await directory.authenticate(typed, user.password);
      expect(verdict, typed).toMatchObject({ kind: 'accepted', principal: user.principal });
      const found = await directory.find(typed);
      expect(found, typed).toMatchObject({ kind: 'accepted', principal: user.principal });
    }
  });

  test('rejects a wrong password and one that only begins or ends right', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const { password } = user;
    for (const wrong of [`${password}x`, `x${password}`, password.slice(0, -1), ` ${password}`]) {
      expect(await directory.authenticate(user.username, wrong)).toMatchObject({
        kind: 'rejected',
      });
    }
  });

  test('rejects an unknown name, and finds nobody under it', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    expect(await directory.authenticate('nobody-here', user.password)).toEqual({
      kind: 'rejected',
    });
    expect(await directory.find('nobody-here')).toMatchObject({ kind: 'rejected' });
  });

  test('finds a known name without a password', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    expect(await directory.find(user.username)).toMatchObject({
      kind: 'accepted',
      principal: user.principal,
    });
  });

  test('says how a user stands as it finds one, where it says so at all', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    if (directory.standing === undefined) return;
    const standing = await directory.standing(user.username);
    expect(standing).toMatchObject({ kind: 'accepted', principal: user.principal });
    // Equal marks mean an unchanged password; a directory that cannot tell gives none.
    const mark = standing.kind === 'accepted' ? standing.passwordMark : '';
    if (mark !== null) expect(mark).toMatch(/^[\w-]{10,}$/);
    const verdict = await directory.authenticate(user.username, user.password);
    const own = verdict.kind === 'accepted' ? (verdict.passwordMark ?? null) : '';
    expect(own).toBe(mark);
    expect(await directory.standing(` ${user.username}`)).toEqual(standing);
    for (const name of ['nobody-here', '', `${user.username}\n`]) {
      expect(await directory.standing(name)).toMatchObject({ kind: 'rejected' });
    }
  });

  test('answers many at once, each with its own verdict', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const verdicts = await Promise.all(
      [user.password, 'wrong', user.password, 'wrong'].map((password) =>
        directory.authenticate(user.username, password),
      ),
    );
    expect(verdicts.map((verdict) => verdict.kind)).toEqual([
      'accepted',
      'rejected',
      'accepted',
      'rejected',
    ]);
  });
}

function testRefusedInput(make: () => Promise<DirectoryFixture>): void {
  test('rejects an empty password', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    expect(await directory.authenticate(user.username, '')).toMatchObject({ kind: 'rejected' });
  });

  test('rejects a password with NUL, also behind the right one', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    for (const password of ['\0', `${user.password}\0`, `${user.password}\0tail`]) {
      expect(await directory.authenticate(user.username, password)).toMatchObject({
        kind: 'rejected',
      });
    }
  });

  test('rejects a password that is too long, counted in bytes', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    for (const password of ['x'.repeat(passwordBytesMax + 1), 'é'.repeat(passwordBytesMax)]) {
      expect(await directory.authenticate(user.username, password)).toMatchObject({
        kind: 'rejected',
      });
    }
  });

  test('rejects names that cannot be names, also around a known one', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const names = [
      '',
      ' ',
      '\0',
      `${user.username}\0`,
      `${user.username}\n`,
      `${user.username}\u202E`,
      `${user.username}\uD800`,
      'x'.repeat(usernameCharactersMax + 1),
      'x'.repeat(100_000),
    ];
    for (const name of names) {
      const told = JSON.stringify(name.slice(0, 40));
      expect(await directory.authenticate(name, user.password), told).toMatchObject({
        kind: 'rejected',
      });
      expect(await directory.find(name), told).toMatchObject({ kind: 'rejected' });
    }
  });

  test('takes names as names, whatever they mean in a query language', async () => {
    await using fixture = await make();
    const { directory, user } = fixture;
    const tricks = ['*', '%', "' OR '1'='1", `${user.username}')(uid=*`, '__proto__', '$ne', '\\'];
    for (const name of tricks) {
      expect(await directory.authenticate(name, user.password), name).toMatchObject({
        kind: 'rejected',
      });
      expect(await directory.find(name), name).toMatchObject({ kind: 'rejected' });
    }
  });
}

function testOutage(make: () => Promise<DirectoryFixture>): void {
  test('is unavailable during an outage, to known and unknown alike, and recovers', async () => {
    await using fixture = await make();
    const { directory, user, fault } = fixture;
    if (fault === null) return;
    await fault.begin();
    for (const name of [user.username, 'nobody-here']) {
      for (const password of [user.password, 'wrong']) {
        expect(await directory.authenticate(name, password)).toEqual({ kind: 'unavailable' });
      }
    }
    // A directory that holds its users in memory can still look them up; none may call them
    // unknown.
    expect((await directory.find(user.username)).kind).not.toBe('rejected');
    await fault.end();
    const verdict = await directory.authenticate(user.username, user.password);
    expect(verdict).toMatchObject({ kind: 'accepted', principal: user.principal });
  });
}
