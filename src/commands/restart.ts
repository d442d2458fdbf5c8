import { crewCommand } from './crew-command.ts';
import { generationText } from './generation-text.ts';

export const restart = crewCommand({
  deed: 'restart',
  summary: 'Let the running gateway replace its workers one by one',
  help: `As SIGHUP does: reads the configuration again and replaces the workers one after
the other. Nothing is refused meanwhile; requests are finished, WebSockets are
told to come back (close code 1012).
`,
  textOf: generationText,
});
