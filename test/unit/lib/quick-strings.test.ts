import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { keepStringsQuick } from '../../../src/lib/quick-strings.ts';

test('the methods of strings are as quick as before when a library has extended String', () => {
  setFlagsFromString('--allow-natives-syntax');
  const isQuick = (): unknown => runInThisContext('%HasFastProperties(String.prototype)');
  runInThisContext('class Text extends String {}');
  expect(isQuick()).toBe(false);
  keepStringsQuick();
  expect(isQuick()).toBe(true);
});
