/** One word of the command line: `portcullis check …`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `portcullis <name> --help`. */
  readonly help: string;
  /** Returns the exit code. It never ends the process itself. */
  run(args: readonly string[], io: CommandOutput): Promise<number>;
}

/** Where a command writes; an argument, so that a test reads it. */
export interface CommandOutput {
  out(text: string): void;
  err(text: string): void;
}
