import { execFile } from 'node:child_process';
import { patientMs } from './patience.ts';

/** What curl saw. */
export interface CurlAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Runs a command to its end; fails if that takes too long. */
export async function run(
  command: string,
  args: readonly string[],
  ms = 20_000,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return await new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      { timeout: patientMs(ms), maxBuffer: 64 * 1024 * 1024, encoding: 'latin1' },
      (error, stdout, stderr) => {
        const code = child.exitCode;
        if (code === null) {
          reject(new Error(`${command} did not end by itself: ${stderr}`, { cause: error }));
        } else {
          resolve({ code, stdout, stderr });
        }
      },
    );
  });
}

/** The real curl, as a user types it; `-si` and a deadline are added. Fails if curl could not finish. */
export async function curl(...args: readonly string[]): Promise<CurlAnswer> {
  const { code, stdout, stderr } = await run('curl', ['-siS', '--max-time', '15', ...args]);
  if (code !== 0) throw new Error(`curl ended with ${String(code)}: ${stderr}`);
  let rest = stdout;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end);
    const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head)?.[1]);
    if (end < 0 || !Number.isInteger(status)) throw new Error(`curl shows no answer: ${stdout}`);
    rest = rest.slice(end + 4);
    if (status >= 200) {
      return { status, head, body: Buffer.from(rest, 'latin1').toString('utf8') };
    }
  }
}
