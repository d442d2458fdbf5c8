import { parseArgs } from 'node:util';
import { closestWord } from '../lib/closest-word.ts';
import { canonicalUsername } from '../users/username.ts';

const deeds = ['add', 'passwd', 'disable', 'enable', 'list'] as const;

/** What `portcullis users …` was asked to do. */
export interface UsersOrder {
  readonly deed: (typeof deeds)[number];
  /** Canonical; empty for `list`. */
  readonly username: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly isJson: boolean;
  readonly directory: string | null;
  readonly config: string | null;
}

export type UsersArguments =
  | { readonly kind: 'read'; readonly order: UsersOrder }
  /** One sentence, with a hint. */
  | { readonly kind: 'wrong'; readonly sentence: string };

const options = {
  role: { type: 'string' },
  group: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  directory: { type: 'string' },
  config: { type: 'string' },
} as const;

type OptionName = keyof typeof options;

const everywhere: readonly OptionName[] = ['directory', 'config'];

export function readUsersArguments(args: readonly string[]): UsersArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, tokens: true });
  } catch {
    // The parser would quote what it does not know.
    return wrong('knows the options --role, --group, --json, --directory and --config');
  }
  const { values, positionals, tokens } = parsed;
  const [word = '', typed, ...more] = positionals;
  const deed = deeds.find((one) => one === word);
  if (deed === undefined) {
    const closest = closestWord(word, deeds);
    const hint =
      closest === undefined ? `expected ${deeds.join(', ')}` : `did you mean ${closest}?`;
    return wrong(word === '' ? hint : `cannot do ${JSON.stringify(word)}; ${hint}`);
  }
  if (more.length > 0 || (deed === 'list' && typed !== undefined)) {
    return wrong(`${deed} takes ${deed === 'list' ? 'no name' : 'one name, and no password'}`);
  }
  const allowed = [...everywhere, ...optionsOf(deed)];
  const odd = tokens.find(
    (token) => token.kind === 'option' && !allowed.some((one) => one === token.name),
  );
  if (odd?.kind === 'option') return wrong(`${deed} takes no ${odd.rawName}`);
  const username = deed === 'list' ? '' : canonicalUsername(typed ?? '');
  if (username === null) {
    return wrong(`${deed} needs a name of at most 150 characters without control characters`);
  }
  const { role = 'nobody', group: groups = [] } = values;
  if (![role, ...groups].every((one) => canonicalUsername(one) === one)) {
    return wrong('needs roles and groups of at most 150 characters without control characters');
  }
  return {
    kind: 'read',
    order: {
      deed,
      username,
      role,
      groups: [...new Set(groups)],
      isJson: values.json ?? false,
      directory: values.directory ?? null,
      config: values.config ?? null,
    },
  };
}

function optionsOf(deed: UsersOrder['deed']): readonly OptionName[] {
  if (deed === 'add') return ['role', 'group'];
  return deed === 'list' ? ['json'] : [];
}

function wrong(sentence: string): UsersArguments {
  return { kind: 'wrong', sentence };
}
