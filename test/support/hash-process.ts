import { hash } from '../../src/commands/hash.ts';

/** A process of its own for the hash command, whose subject is the standard input of a process. */
process.exitCode = await hash.run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
