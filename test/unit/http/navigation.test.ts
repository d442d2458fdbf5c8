import { describe, expect, it } from 'vitest';
import { prefersJson } from '../../../src/http/accept.ts';
import { isNavigation } from '../../../src/http/navigation.ts';

const chrome = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

function asked(method: string, fields: Record<string, string>): boolean {
  return isNavigation(method, { field: (name) => fields[name] });
}

describe('a navigation', () => {
  it('is what a browser calls one', () => {
    expect(asked('GET', { 'sec-fetch-mode': 'navigate' })).toBe(true);
    expect(asked('HEAD', { 'sec-fetch-mode': 'navigate' })).toBe(true);
  });

  it('is no script that asks for HTML', () => {
    expect(asked('GET', { 'sec-fetch-mode': 'cors', accept: 'text/html' })).toBe(false);
    expect(asked('GET', { 'sec-fetch-site': 'same-origin', accept: 'text/html' })).toBe(false);
    expect(asked('GET', { 'sec-fetch-dest': 'empty', accept: 'text/html' })).toBe(false);
  });

  it('never has another method', () => {
    expect(asked('POST', { 'sec-fetch-mode': 'navigate', accept: chrome })).toBe(false);
  });

  it.each([
    ['a browser', chrome, true],
    ['HTML alone', 'text/html', true],
    ['HTML before JSON', 'application/json;q=0.5, TEXT/HTML', true],
    ['curl', '*/*', false],
    ['JSON', 'application/json', false],
    ['JSON before HTML', 'application/json, text/html;q=0.9', false],
    ['both alike', 'text/html, application/json', false],
    ['HTML refused', 'text/html;q=0, */*', false],
    ['a broken weight', 'text/html;q=much', false],
    ['nothing', '', false],
  ])('is told by Accept where no Sec-Fetch field came: %s', (_, accept, expected) => {
    expect(asked('GET', { accept })).toBe(expected);
  });

  it('is not what says nothing', () => {
    expect(asked('GET', {})).toBe(false);
  });
});

describe('a preference for JSON', () => {
  it.each([
    ['application/json', true],
    ['application/*', true],
    ['application/json;q=0.2, text/plain;q=0.1', true],
    ['*/*', false],
    ['text/plain, application/json', false],
    ['application/json;q=0.1, */*', false],
  ])('is read from Accept: %s', (accept, expected) => {
    expect(prefersJson(accept)).toBe(expected);
  });

  it('is not presumed', () => {
    expect(prefersJson(undefined)).toBe(false);
  });
});
