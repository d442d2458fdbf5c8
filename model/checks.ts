/** One run of the checker over the model, and what is to come of it. */
export interface ModelCheck {
  readonly title: string;
  /** Macros of the model, `NAME` or `NAME=value`. */
  readonly macros: readonly string[];
  readonly expected: 'holds' | 'broken';
  /** Of the suite: small, and done in seconds. */
  readonly isShort: boolean;
}

const oneWorker = ['W=1', 'N=2', 'L=3'];
const twoWorkers = ['W=2', 'N=1', 'L=1'];
const failover = [...twoWorkers, 'FAILOVER', 'NOTRIM'];

const bases: readonly ModelCheck[] = [
  base('one worker in depth', oneWorker, true),
  base('one worker with a slow clock', [...oneWorker, 'LAM=2', 'SLOW'], true),
  base('two workers', twoWorkers, false),
  base('two workers and a failover', failover, false),
];

/** What each mutant breaks; of the other property nothing is claimed that is not checked too. */
const mutants: readonly ModelCheck[] = [
  ...mutant('M2', 'a message moves the position', 'ab'),
  ...mutant('M3', 'a poll is a mere heartbeat', 'ab'),
  ...mutant('M3T', 'the lease counts from the answer', 'ab'),
  ...mutant('M4A', 'a copy authorises without a lease', 'ab'),
  ...mutant('M4B', 'a read of any age authorises', 'a'),
  ...mutant('M4J', 'an older read is joined without a lease', 'b'),
  ...mutant('M5', 'nothing is remembered', 'ab'),
  ...mutant('M5G', 'a jump disowns no read', 'ab'),
  ...mutant('M6', 'logout does not wait', 'b'),
  ...mutant('M6S', 'the silent are struck at once', 'b'),
  ...mutant('SLOW', 'no margin for clocks', 'ab'),
  ...mutant('M6ANY', 'one acknowledgement is enough', 'b', twoWorkers),
  ...mutant('M6E', 'a new table is believed at once', 'b', failover),
  ...mutant('M7', 'a new store is believed at once', 'ab', failover),
];

export const modelChecks: readonly ModelCheck[] = [...bases, ...mutants];

function base(title: string, macros: readonly string[], isShort: boolean): ModelCheck {
  return { title, macros, expected: 'holds', isShort };
}

function mutant(
  macro: string,
  title: string,
  broken: 'a' | 'b' | 'ab',
  size: readonly string[] = oneWorker,
): ModelCheck[] {
  return (['a', 'b'] as const).map((property) => ({
    title: `${title}: (${property})`,
    macros: [...size, macro, `ONLY_${property.toUpperCase()}`],
    expected: broken.includes(property) ? 'broken' : 'holds',
    isShort: size === oneWorker && broken.endsWith(property),
  }));
}
