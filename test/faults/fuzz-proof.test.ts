import { describe, expect, it } from 'vitest';
import { Campaign } from '../../fuzz/campaign.ts';
import type { FuzzLane } from '../../fuzz/cases/fuzz-case.ts';
import { patientMs } from '../support/patience.ts';
import { PatchedSource } from '../support/patched-source.ts';

interface Hole {
  readonly validator: string;
  readonly lane: FuzzLane;
  readonly file: string;
  readonly passage: string;
  readonly instead: string;
  /** What it is found by. */
  readonly problem: RegExp;
}

const HOLES: readonly Hole[] = [
  {
    validator: 'that a request is framed in one way',
    lane: 'http1',
    file: 'wire/request-parser.ts',
    passage:
      "if (head.isChunked && head.contentLength !== LENGTH_UNKNOWN) return 'length-and-coding';",
    instead: '',
    problem: /requests were accepted, and Node reads/,
  },
  {
    // A line that ends in a bare LF. (That any octet may stand in the LF's place shows nowhere: it shifts the payload by one,
    // the chunk's end is then missing, and nothing of a read that is refused goes out.)
    validator: 'of the lines of chunks',
    lane: 'http1',
    file: 'wire/chunked-decoder.ts',
    passage: 'if (octet === 0x0d) this.#state = State.sizeLf;',
    instead:
      'if (octet === 0x0a) return this.#beginPayload(); if (octet === 0x0d) this.#state = State.sizeLf;',
    problem: /Node|body/,
  },
  {
    validator: 'of fields that only the gateway sets',
    lane: 'http1',
    file: 'gateway/removal.ts',
    passage: "if (name.isManaged) return 'managed';",
    instead: '',
    problem: /identity|ids |addresses /,
  },
  {
    validator: 'of escaped slashes',
    lane: 'http1',
    file: 'http/request-target.ts',
    passage: "else if (/^(?:2f|5c)$/i.test(hex)) problem = 'path-encoded-slash';",
    instead: '',
    problem: /without a session/,
  },
  {
    validator: 'of octets behind an answer',
    lane: 'http1',
    file: 'wire/upstream-connection.ts',
    passage: '&& !hasExcess',
    instead: '',
    problem: /used again behind octets/,
  },
  {
    validator: 'of the key of a WebSocket',
    lane: 'upgrade',
    file: 'wire/websocket-handshake.ts',
    passage: "onlyValue(head, 'sec-websocket-accept') === hash('sha1', key + GUID, 'base64')",
    instead: "key !== '' && hash('sha1', GUID) !== ''",
    problem: /tunnel/,
  },
];

describe.each(HOLES)('without the check $validator', (hole) => {
  it(
    'the fuzzer finds the hole',
    async () => {
      await using source = await PatchedSource.make(hole.file, hole.passage, hole.instead);
      const { findings } = await Campaign.run({
        seed: 1,
        from: 0,
        to: 8000,
        lane: hole.lane,
        root: source.root,
        signal: new AbortController().signal,
        findingsMax: 1,
        batchSize: 1000,
        atOnce: 160,
        hasScenes: false,
        onBatch: () => {},
      });
      expect(findings.map(({ problem }) => problem).join('\n')).toMatch(hole.problem);
    },
    patientMs(120_000),
  );
});
