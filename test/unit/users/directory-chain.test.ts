import { describe, expect, test } from 'vitest';
import { DirectoryChain } from '../../../src/users/directory-chain.ts';
import type { Directory } from '../../../src/users/directory.ts';
import { accepted, rejected, unavailable } from '../../../src/users/verdict.ts';
import type { Verdict } from '../../../src/users/verdict.ts';

function principalOf(directory: string): Verdict {
  return accepted({ subject: 'user1', directory, role: 'nobody', groups: [], attributes: {} });
}

/** A directory that always says the same, and writes down that it was asked. */
function saying(name: string, verdict: Verdict | Error, asked: string[] = []): Directory {
  const answer = async (username: string): Promise<Verdict> => {
    asked.push(`${name} ${username}`);
    if (verdict instanceof Error) throw verdict;
    return verdict;
  };
  return { name, authenticate: answer, find: answer };
}

/** Both questions go over the chain alike. */
async function ask(chain: DirectoryChain): Promise<Verdict> {
  const verdict = await chain.authenticate('user1', 'pass1');
  expect(await chain.find('user1')).toEqual(verdict);
  return verdict;
}

const broken = new Error('broken');

describe('a chain of directories', () => {
  test('takes the first acceptance and asks no further', async () => {
    const asked: string[] = [];
    const chain = new DirectoryChain([
      saying('a', rejected, asked),
      saying('b', principalOf('b'), asked),
      saying('c', principalOf('c'), asked),
    ]);
    expect(await chain.authenticate('user1', 'pass1')).toEqual(principalOf('b'));
    expect(asked).toEqual(['a user1', 'b user1']);
  });

  test('rejects when all reject, and when there are none', async () => {
    expect(await ask(new DirectoryChain([saying('a', rejected), saying('b', rejected)]))).toEqual(
      rejected,
    );
    expect(await ask(new DirectoryChain([]))).toMatchObject(rejected);
  });

  test.each([
    ['is out', unavailable],
    ['throws', broken],
  ])('is not stopped by a directory that %s', async (_claim, failure) => {
    const chain = new DirectoryChain([saying('a', failure), saying('b', principalOf('b'))]);
    expect(await ask(chain)).toEqual(principalOf('b'));
  });

  test.each([
    ['out', unavailable],
    ['broken', broken],
  ])(
    'is unavailable when all reject but one that is %s, wherever it stands',
    async (_, failure) => {
      const no = saying('no', rejected);
      const lame = saying('lame', failure);
      for (const order of [[lame, no, no], [no, lame, no], [no, no, lame], [lame]]) {
        expect(await ask(new DirectoryChain(order))).toEqual(unavailable);
      }
    },
  );

  test('is not stopped by a directory that throws before it returns a promise', async () => {
    const rash: Directory = {
      name: 'rash',
      authenticate: () => {
        throw broken;
      },
      find: () => {
        throw broken;
      },
    };
    expect(await ask(new DirectoryChain([rash, saying('b', principalOf('b'))]))).toEqual(
      principalOf('b'),
    );
  });

  test('closes all, also when one of them throws', async () => {
    const closed: string[] = [];
    const faults: unknown[] = [];
    const closing = (name: string): Directory => ({
      ...saying(name, rejected),
      close: async () => void closed.push(name),
    });
    const lame: Directory = { ...saying('lame', rejected), close: () => Promise.reject(broken) };
    const all = [closing('a'), lame, saying('none', rejected), closing('b')];
    await new DirectoryChain(all, (name, error) => faults.push([name, error])).close();
    expect(closed).toEqual(['a', 'b']);
    expect(faults).toEqual([['lame', broken]]);
  });

  test('tells who threw what', async () => {
    const faults: unknown[] = [];
    const chain = new DirectoryChain(
      [saying('a', broken), saying('b', rejected)],
      (name, error) => {
        faults.push([name, error]);
      },
    );
    await chain.authenticate('user1', 'pass1');
    expect(faults).toEqual([['a', broken]]);
  });
});
