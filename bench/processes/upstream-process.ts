import { join } from 'node:path';
import { Child } from './child.ts';
import { onCore } from './core-plan.ts';

export interface UpstreamProcessOptions {
  readonly port: number;
  /** The same process serves these, too. */
  readonly morePorts?: readonly number[];
  readonly core: number | null;
  readonly directory: string;
  /** The program, which takes its port as argument and says when it listens. Default: the cheap one. */
  readonly mainFile?: string;
}

const cheapUpstream = join(import.meta.dirname, '../load/upstream-main.ts');

/** An upstream in a process of its own; resolves when it listens. */
export async function startUpstream(options: UpstreamProcessOptions): Promise<Child> {
  const main = options.mainFile ?? cheapUpstream;
  const [command = '', ...rest] = onCore(options.core, [
    process.execPath,
    main,
    String(options.port),
    ...(options.morePorts ?? []).map(String),
  ]);
  const child = new Child({
    name: 'the upstream',
    command,
    arguments: rest,
    logPath: join(options.directory, 'upstream.log'),
    hasChannel: true,
  });
  await child.message();
  return child;
}
