import { crewCommand } from './crew-command.ts';

export const drain = crewCommand({
  deed: 'drain',
  summary: 'Let the running gateway finish what it has and end',
  help: `As SIGTERM does: takes nothing new, finishes what is under way, for at most
\`drainTimeout\`, and ends. Does not wait for that end.
`,
  textOf: () => 'draining\n',
});
