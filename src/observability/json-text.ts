/** What JSON escapes, and DEL, C1 controls and line separators, which terminals and log shippers act upon. */
// eslint-disable-next-line no-control-regex -- controls are what this is about
const UNSAFE = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
// eslint-disable-next-line no-control-regex -- see above
const LEFT_BY_JSON = /[\u007f-\u009f\u2028\u2029]/g;

/** A string as JSON on one line, without a character that could act on whoever reads the log. */
export function quote(text: string): string {
  // Nearly every value is harmless, and JSON.stringify costs five times this test.
  return UNSAFE.test(text) ? escapeControls(JSON.stringify(text)) : `"${text}"`;
}

/** Escapes what JSON.stringify leaves as it is. */
export function escapeControls(json: string): string {
  return json.replace(
    LEFT_BY_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
