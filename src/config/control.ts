import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type * as z from 'zod';
import { optionBlock, text } from './kinds.ts';

/** Where operators' commands reach the running gateway. */
export interface ControlConfig {
  /** As the file has it; null: the usual place; `none`: nowhere. */
  readonly socket: string | null;
}

/** Of a socket's address, with the byte that ends it: the smallest of the usual systems. */
const pathBytesMax = 103;

const expected = `a path of at most ${pathBytesMax} bytes, or none`;

export const controlOptions = optionBlock({
  socket: text(/^[^\0]{1,103}$/, expected)
    .optional()
    .describe(
      'The unix socket that `portcullis sessions`, `nodes`, `reload` and the like speak to; ' +
        'relative to this file. Only the user that the gateway runs as can open it, and whoever ' +
        'can may end every session. `none`: there is no such socket. Default: a name made of ' +
        "this file's path, in /run/portcullis for root and else in portcullis-UID in the folder " +
        'for temporary files.',
    ),
}).describe("The operators' socket.");

export function controlConfig(options: z.output<typeof controlOptions>): ControlConfig {
  return { socket: options.socket ?? null };
}

/** Null: there is none. The same for the gateway and for whoever wants to speak to it. */
export function controlSocketPath(
  { socket }: ControlConfig,
  configPath: string,
  userId: number,
): string | null {
  if (socket === 'none') return null;
  if (socket !== null) return resolve(dirname(configPath), socket);
  const name = createHash('sha256').update(resolve(configPath)).digest('hex').slice(0, 16);
  const folder =
    userId === 0 && existsSync('/run') ? '/run/portcullis' : join(tmpdir(), `portcullis-${userId}`);
  return join(folder, `${name}.sock`);
}
