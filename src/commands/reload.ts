import { crewCommand } from './crew-command.ts';
import { generationText } from './generation-text.ts';

export const reload = crewCommand({
  deed: 'reload',
  summary: 'Let the running gateway take its configuration anew',
  help: `Lets the gateway read its configuration and the files that it names again, and
replaces its workers one after the other. Nothing is refused meanwhile; what is
open on routes that have not changed stays open. A configuration with problems
changes nothing: they are printed, and what ran runs on.
`,
  textOf: generationText,
});
