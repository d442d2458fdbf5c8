import { adminOptions } from './admin.ts';
import type { Address } from './address.ts';
import { ConfigDocument } from './config-document.ts';
import { ConfigProblems } from './config-problems.ts';
import { ConfigUnreadable } from './config-unreadable.ts';
import { processEnvironment, readText, type Environment } from './read.ts';
import { isBlock, partAt, readOptions } from './read-options.ts';

/**
 * Where the operators' port of this configuration file is; null: it has none. The rest of the file is not looked at, so
 * that asking costs little: a gateway that runs has read it long ago.
 */
export function readAdminAddress(
  path: string,
  environment: Environment = processEnvironment(),
): Address | null {
  const file = readText(path);
  if (file.kind === 'unreadable') throw new ConfigUnreadable(path, file.reason);
  const document = new ConfigDocument(file.text, environment);
  const { root } = document;
  const part = { document, path: [], raw: isBlock(root) ? root : {} };
  if (part.raw['admin'] === undefined) return null;
  const options = readOptions(adminOptions, partAt(part, 'admin'));
  const { problems } = document;
  if (!problems.isEmpty) throw new ConfigProblems(path, problems.toSorted());
  return options?.value.address ?? null;
}
