/**
 * A directory that cannot be built from its configuration: every problem at once, none quotes a
 * password.
 */
export class DirectoryConfigError extends Error {
  readonly problems: readonly string[];

  constructor(directory: string, problems: readonly string[]) {
    super(`directory ${directory}: ${problems.join('; ')}`);
    this.name = 'DirectoryConfigError';
    this.problems = problems;
  }
}
