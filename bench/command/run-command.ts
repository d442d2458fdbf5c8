import { UsageError } from './usage-error.ts';

/** Whether `util.parseArgs` refused the command line. */
function isParseArgsError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** Runs a command to its exit code; says in one sentence why it failed, and how it is used if that was the reason. */
export async function runCommand(main: () => Promise<number>, help: string): Promise<number> {
  try {
    return await main();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isUsage = error instanceof UsageError || isParseArgsError(error);
    process.stderr.write(isUsage ? `${error.message}\n\n${help}` : `failed: ${error.message}\n`);
    return isUsage ? 2 : 1;
  }
}
