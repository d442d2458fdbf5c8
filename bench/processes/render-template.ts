import { readFileSync } from 'node:fs';

/** Puts values for `${NAME}`; what else begins with a dollar in our templates has no braces. */
export function renderTemplate(path: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(path, 'utf8').replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path}: nothing to put for ${name}`);
    return value;
  });
}
