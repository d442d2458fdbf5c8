import type { Command } from './command.ts';
import { readUsersArguments } from './users-arguments.ts';
import { runUsersDeed } from './users-deeds.ts';

export const users: Command = {
  name: 'users',
  summary: 'Add, change and list the users of an SQLite directory',
  help: `Usage: portcullis users add NAME [--role ROLE] [--group GROUP]... [options]
       portcullis users passwd NAME [options]
       portcullis users disable NAME [options]
       portcullis users enable NAME [options]
       portcullis users list [--json] [options]

Keeps the users of a directory of type sqlite; a running gateway sees each
change at the next login. \`add\` and \`passwd\` ask for the password twice, without
showing it; where standard input is no terminal, its first line is the password.
\`add\` makes the file if there is none, readable by its owner alone: run it as
the user that the gateway runs as.

Options:
  --role ROLE        the role of a new user (default nobody)
  --group GROUP      a group of a new user; may be given more than once
  --json             list as one JSON array
  --directory NAME   the directory (default: the only one of type sqlite)
  --config FILE      the configuration (default: $PORTCULLIS_CONFIG, else the
                     shipped one)
  --help             show this text

Exit codes: 0 done, 1 not done (no such user, no usable password, no such file),
2 wrong use, 130 interrupted.
`,
  run: async (args, io) => {
    const read = readUsersArguments(args);
    if (read.kind === 'wrong') {
      io.err(`portcullis users: ${read.sentence}\n`);
      return 2;
    }
    return await runUsersDeed(read.order, io);
  },
};
