import type { ErrorCode } from 'yaml';

interface SyntaxFault {
  readonly message: string;
  readonly expected: string;
}

const general: SyntaxFault = {
  message: 'is not valid YAML from here on',
  expected: 'expected `key: value` lines, lists with `- `, and blanks for indentation',
};

/**
 * What the codes of the YAML parser mean to somebody who writes a configuration. In words of our
 * own, because the parser's messages quote the text, and the text may be a secret.
 */
const faults: Partial<Record<ErrorCode, SyntaxFault>> = {
  BAD_ALIAS: { message: 'is an alias without a name', expected: 'expected `*name`' },
  BAD_DIRECTIVE: {
    message: 'is a YAML directive that nothing here reads',
    expected: 'leave the line that begins with % out',
  },
  BAD_DQ_ESCAPE: {
    message: 'has an unknown escape after a backslash',
    expected: 'write \\\\ for a backslash, or use single quotes',
  },
  BAD_INDENT: {
    message: 'is indented wrongly, or a bracket before it is not closed',
    expected: 'options of one block begin in the same column, and every [ and { has its end',
  },
  BAD_SCALAR_START: {
    message: 'begins with a character that YAML keeps for itself',
    expected: 'put the value in quotes',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'holds a second `key:` in one line, or a line that is indented too far',
    expected: 'put values that contain `: ` in quotes, and one option on a line',
  },
  MISSING_CHAR: {
    message: 'is not complete',
    expected:
      'expected a `:` after a key, an end to every quote, [ and {, and quotes around ${…} ' +
      'between brackets',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'is a key that goes over several lines',
    expected: 'expected `key: value` on one line',
  },
  MULTIPLE_DOCS: {
    message: 'begins a second document',
    expected: 'expected one document, so no `---` after the first line',
  },
  NON_STRING_KEY: { message: 'is a key that is no text', expected: 'expected a word as a key' },
  TAB_AS_INDENT: { message: 'is indented with a tab', expected: 'expected blanks' },
  TAG_RESOLVE_FAILED: {
    message: 'has a tag that nothing here knows',
    expected: 'leave the !tag out',
  },
  UNEXPECTED_TOKEN: {
    message: 'is not valid YAML here',
    expected:
      'inside { } and [ ], put quotes around values with ${…}; elsewhere look at the indentation',
  },
};

export function syntaxFault(code: ErrorCode): SyntaxFault {
  return faults[code] ?? general;
}
