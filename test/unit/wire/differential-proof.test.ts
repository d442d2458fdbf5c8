import { afterEach, describe, expect, it, vi } from 'vitest';
import * as fieldLines from '../../../src/wire/field-lines.ts';
import * as fieldNames from '../../../src/http/field-names.ts';
import * as methods from '../../../src/http/methods.ts';
import * as headSearch from '../../../src/wire/head-search.ts';
import * as requestBody from '../../../src/wire/request-body.ts';
import * as requestHead from '../../../src/wire/request-head.ts';
import { FIXED_SEED } from '../../support/differential/seed.ts';

const MESSAGES = 20_000;
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/g;

/** A name with blanks around it is the name. */
class LenientNames extends fieldNames.FieldNames {
  override at(text: string, start: number, end: number): fieldNames.FieldName | null {
    const spelling = text.slice(start, end).trim();
    return super.at(spelling, 0, spelling.length);
  }
}

/** A length is forgotten as soon as there is a coding. */
class LenientHead extends requestHead.RequestHead {
  constructor() {
    super();
    let length = requestHead.LENGTH_UNKNOWN;
    Object.defineProperty(this, 'contentLength', {
      get: () => (this.isChunked ? requestHead.LENGTH_UNKNOWN : length),
      set: (value: number) => {
        length = value;
      },
    });
  }
}

/** A GET has no body. */
class CarelessBody extends requestBody.RequestBody {
  override begin(head: requestHead.RequestHead, bodyBytesMax: number): void {
    super.begin(head.method === 'GET' ? new requestHead.RequestHead() : head, bodyBytesMax);
  }
}

const anyWord = (text: string, end: number): string | null =>
  fieldNames.isToken(text.slice(0, end)) ? text.slice(0, end) : null;

const leniencies: readonly (readonly [leniency: string, path: string, exports: () => object])[] = [
  [
    'takes the digits at the beginning of a length',
    '../../../src/wire/content-length.ts',
    () => ({ readContentLength: (value: string) => Math.max(0, Number.parseInt(value, 10) || 0) }),
  ],
  [
    'takes any word for a method',
    '../../../src/http/methods.ts',
    () => ({ ...methods, knownMethod: anyWord }),
  ],
  [
    'takes any octet in a target',
    '../../../src/http/request-target.ts',
    () => ({ canonicalTarget: (target: string) => ({ path: target, query: '' }) }),
  ],
  [
    'takes blanks around a field name',
    '../../../src/http/field-names.ts',
    () => ({ ...fieldNames, FieldNames: LenientNames }),
  ],
  [
    'takes control octets in a field value',
    '../../../src/wire/field-lines.ts',
    () => ({
      readFieldLines: ((text, start, end, fieldsMax, names, fields) => {
        const tame = text.replace(CONTROLS, ' ');
        return fieldLines.readFieldLines(tame, start, end, fieldsMax, names, fields);
      }) satisfies typeof fieldLines.readFieldLines,
    }),
  ],
  [
    'takes a length beside a coding',
    '../../../src/wire/request-head.ts',
    () => ({ ...requestHead, RequestHead: LenientHead }),
  ],
  [
    'does not heed Connection: close',
    '../../../src/wire/connection-field.ts',
    () => ({ readConnectionField: () => {} }),
  ],
  [
    'takes a GET for a request without a body',
    '../../../src/wire/request-body.ts',
    () => ({ RequestBody: CarelessBody }),
  ],
  [
    'counts the empty line only of a head that comes in pieces',
    '../../../src/wire/head-search.ts',
    () => ({
      ...headSearch,
      refusalOfPartialHead: ((text, limits) =>
        text.length > limits.headBytesMax
          ? 'head-too-large'
          : headSearch.refusalOfPartialHead(
              text,
              limits,
            )) satisfies typeof headSearch.refusalOfPartialHead,
    }),
  ],
];

/** What a failure is told as. */
interface Report {
  readonly seed: number;
  readonly index: number;
  readonly sample: { readonly text: string };
  readonly shortened: { readonly text: string; readonly problem: string };
  readonly ours: { readonly requests: readonly unknown[] };
  readonly node: { readonly requests: readonly unknown[] };
}

/** The first difference that the property test finds, with whatever is mocked at the moment. */
async function firstProblem(): Promise<string | undefined> {
  const { newTally, run } = await import('../../support/differential/run.ts');
  return run(FIXED_SEED, 0, MESSAGES, newTally())?.problem;
}

describe('the differential test', () => {
  afterEach(() => {
    vi.resetModules();
  });

  it('finds nothing in the first messages as the reader is', async () => {
    expect(await firstProblem()).toBeUndefined();
  });

  it('says all that is needed to see a failure again, as JSON', async () => {
    vi.resetModules();
    vi.doMock('../../../src/http/methods.ts', () => ({
      ...methods,
      knownMethod: anyWord,
    }));
    const { runThrough } = await import('../../support/differential/run.ts');
    const { sampleOf } = await import('../../support/differential/sample.ts');
    const error: unknown = await runThrough(FIXED_SEED, MESSAGES).catch(
      (reason: unknown) => reason,
    );
    vi.doUnmock('../../../src/http/methods.ts');
    const report = JSON.parse(error instanceof Error ? error.message : '') as Report;
    expect(report.seed).toBe(FIXED_SEED);
    expect(report.sample).toEqual(sampleOf(FIXED_SEED, report.index));
    expect(report.shortened.text.length).toBeLessThanOrEqual(report.sample.text.length);
    expect(report.shortened.problem).toContain('HPE_INVALID_METHOD');
    expect(report.ours.requests.length).toBeGreaterThan(report.node.requests.length);
  });

  it.each(leniencies)('fails for a reader that %s', async (_leniency, path, exports) => {
    vi.resetModules();
    vi.doMock(path, exports);
    const problem = await firstProblem();
    vi.doUnmock(path);
    expect(problem).toMatch(/^request \d |pieces$/);
  });
});
