import type { ContenderKind } from './contender-kind.ts';
import { nginxKinds } from './nginx.ts';
import { otherKinds } from './other-proxies.ts';
import { portcullisKinds } from './portcullis.ts';

const kinds: ReadonlyMap<string, ContenderKind> = new Map(
  [...portcullisKinds, ...nginxKinds, ...otherKinds].map((kind) => [kind.id, kind]),
);

/** Throws for a name that nobody has. */
export function kindOf(id: string): ContenderKind {
  const kind = kinds.get(id);
  if (kind === undefined) throw new Error(`there is no contender ${id}`);
  return kind;
}
