import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { projectRoot } from './gateway.ts';

const shape = z.object({ scripts: z.record(z.string(), z.string()) });

/** What `npm run` knows here. */
export function packageScripts(): Readonly<Record<string, string>> {
  return shape.parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))).scripts;
}
