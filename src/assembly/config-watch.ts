import type { Config } from '../config/config.ts';
import type { FileSnapshot } from '../config/read.ts';
import { FileWatch } from '../lifecycle/file-watch.ts';
import type { Service } from '../lifecycle/service.ts';

/** Watches the files of a configuration, where it says so. */
export class ConfigWatch {
  readonly service: Service;
  readonly #watch: FileWatch;
  #config: Config;

  constructor(config: Config, files: FileSnapshot, onChange: () => void) {
    const { intervalMs, isWatched } = config.reload;
    const watch = new FileWatch({ intervalMs, onChange });
    this.#config = config;
    this.#watch = watch;
    this.know(files, config);
    this.service = {
      name: 'configuration watch',
      start: () => {
        if (isWatched) watch.start();
      },
      drain: () => watch.stop(),
      stop: () => watch.stop(),
    };
  }

  /** What has been read last, by whoever's wish; `config` null: it has problems. */
  know(files: FileSnapshot, config: Config | null): void {
    this.#config = config ?? this.#config;
    this.#watch.know(files, certificateFiles(this.#config));
  }
}

/** Listeners look at them by themselves. */
function certificateFiles({ listeners }: Config): ReadonlySet<string> {
  return new Set(
    listeners
      .flatMap(({ tls }) => tls?.certificates ?? [])
      .flatMap(({ certFile, keyFile, passphraseFile }) => [certFile, keyFile, passphraseFile])
      .filter((path) => path !== null),
  );
}
