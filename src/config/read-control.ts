import { ConfigDocument } from './config-document.ts';
import { ConfigUnreadable } from './config-unreadable.ts';
import { controlConfig, controlOptions, controlSocketPath } from './control.ts';
import { processEnvironment, readText, type Environment } from './read.ts';
import { isBlock, partAt, readOptions } from './read-options.ts';

/**
 * Where the gateway with this configuration file can be spoken to; null: nowhere. The rest of the file may be wrong, and
 * what it takes from the environment not there: a gateway that runs has read it long ago.
 */
export function readControlSocket(
  path: string,
  userId: number,
  environment: Environment = processEnvironment(),
): string | null {
  const file = readText(path);
  if (file.kind === 'unreadable') throw new ConfigUnreadable(path, file.reason);
  const document = new ConfigDocument(file.text, environment);
  const { root } = document;
  const part = { document, path: [], raw: isBlock(root) ? root : {} };
  const options = readOptions(controlOptions, partAt(part, 'control'));
  return controlSocketPath(controlConfig(options?.value ?? {}), path, userId);
}
