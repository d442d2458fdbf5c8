import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { escapeHtml, PAGE_FIELDS, renderStatusPage } from '../../../src/http/status-page.ts';

const policy = new Map(PAGE_FIELDS).get('Content-Security-Policy') ?? '';

describe('a status page', () => {
  it('escapes what it is given', () => {
    const page = renderStatusPage({ title: '<b>"&\'', text: '</p><script>', button: '"><img>' });
    expect(page).toContain('<h1>&lt;b&gt;&quot;&amp;&#39;</h1>');
    expect(page).toContain('<p>&lt;/p&gt;&lt;script&gt;</p>');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(escapeHtml('plain')).toBe('plain');
  });

  it('wears exactly the style that its policy names, and nothing from elsewhere', () => {
    const page = renderStatusPage({ title: 'a', text: 'b' });
    const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    expect(policy).toContain(`style-src 'sha256-${digest}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page).not.toMatch(/https?:|src=|href=|@import|url\(/);
  });

  it('posts its form to its own address, and lets the browser say from where', () => {
    const page = renderStatusPage({ title: 'a', text: 'b', button: 'Go' });
    expect(page).toContain('<form method="post"><button type="submit">Go</button></form>');
    expect(policy).toContain("form-action 'self'");
    expect(new Map(PAGE_FIELDS).get('Referrer-Policy')).toBe('same-origin');
  });
});
