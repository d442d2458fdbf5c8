import { crewCommand } from './crew-command.ts';

interface Nodes {
  readonly pid: number;
  readonly generation: number;
  readonly isConfigTaken: boolean;
  readonly workers: readonly {
    readonly worker: number;
    readonly pid: number;
    readonly state: string;
    readonly generation: number;
  }[];
}

export const nodes = crewCommand({
  deed: 'nodes',
  summary: 'Show the processes of the running gateway',
  help: `Prints the processes of the gateway: the primary, and each worker with its
process id, its state (starting, ready, retiring) and the generation of the
configuration that it runs with. One that retires finishes what it has.
`,
  // Both ends are of one package.
  textOf: (value) => nodesText(value as Nodes),
});

function nodesText({ generation, isConfigTaken, pid, workers }: Nodes): string {
  const kept = isConfigTaken ? '' : ' (what was read last was refused)';
  const lines = workers.map((one) =>
    [`worker ${one.worker}`, one.pid, one.state, `generation ${one.generation}`].join('\t'),
  );
  return `${[`gateway\t${pid}\tgeneration ${generation}${kept}`, ...lines].join('\n')}\n`;
}
