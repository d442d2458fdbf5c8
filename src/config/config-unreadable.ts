/** The configuration file itself cannot be read. The message is one sentence for the operator. */
export class ConfigUnreadable extends Error {
  constructor(path: string, reason: string) {
    super(`the configuration file ${path} ${reason}`);
    this.name = 'ConfigUnreadable';
  }
}
