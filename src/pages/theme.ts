import { createHash } from 'node:crypto';
import { contrastOf } from '../config/contrast.ts';
import type { PagesConfig } from '../config/pages.ts';
import type { Reply } from '../http/reply.ts';
import { html, Markup } from './html.ts';

/** How every page looks, and what it may do. Made once from the configuration. */
export interface Theme {
  readonly name: string;
  readonly style: Markup;
  readonly logo: Markup | null;
  /** The fields that go with every page. */
  readonly fields: Reply['fields'];
}

/** `formTargets`: origins besides our own to which a form may lead in the end. */
export function createTheme(config: PagesConfig, formTargets: readonly string[]): Theme {
  const style = styleOf(config);
  return {
    name: config.name,
    // Exactly the text that the policy names by its hash.
    style: new Markup(`<style>${style}</style>`),
    logo:
      config.logo === null
        ? null
        : html`<img class="logo" src="${config.logo}" alt="${config.name}" />`,
    fields: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Content-Security-Policy', policyOf(style, formTargets)],
      ['X-Content-Type-Options', 'nosniff'],
      // Not `no-referrer`: under that a browser posts the form with `Origin: null`, which the origin check refuses.
      ['Referrer-Policy', 'same-origin'],
    ],
  };
}

/**
 * Everything a page of ours may do: nothing but wear its one style, named by its hash, show its one picture, which it
 * brings along, and post its own forms. Nobody may frame it, or a click on it could be stolen.
 */
function policyOf(style: string, formTargets: readonly string[]): string {
  const digest = createHash('sha256').update(style).digest('base64');
  const targets = ["'self'", ...formTargets].join(' ');
  return (
    `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; ` +
    `form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`
  );
}

function styleOf({ colours }: PagesConfig): string {
  const { accent, background, text } = colours;
  const onAccent = contrastOf(accent, '#ffffff') >= contrastOf(accent, '#000000') ? '#fff' : '#000';
  return `
*{box-sizing:border-box}
html{color-scheme:light;-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;padding:clamp(1.5rem,9vh,6rem) 1rem 2rem;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:${text};background:${background};overflow-wrap:anywhere}
main{width:100%;max-width:26rem}
main.wide{max-width:40rem}
.logo{display:block;max-width:100%;max-height:4rem;margin:0 0 1.5rem}
.site{margin:0 0 1.5rem;font-weight:600;color:${text}}
h1{margin:0 0 .5rem;font-size:1.6rem;line-height:1.25}
h2{margin:0;font-size:1rem}
p{margin:0 0 1rem}
label{display:block;margin:1.1rem 0 .3rem;font-weight:600}
input{width:100%;min-height:2.9rem;padding:.55rem .7rem;font:inherit;color:${text};background:${background};border:1px solid ${text};border-radius:.35rem}
button,.button{display:inline-block;min-height:2.9rem;padding:.6rem 1.4rem;font:inherit;font-weight:600;text-decoration:none;cursor:pointer;color:${onAccent};background:${accent};border:1px solid ${accent};border-radius:.35rem}
form>button{margin-top:1.5rem}
form.block>button{width:100%}
button.quiet{color:${accent};background:${background};margin:0}
a{color:${accent}}
a.button{color:${onAccent}}
:focus-visible{outline:3px solid ${accent};outline-offset:2px}
.notice{margin:1rem 0;padding:.75rem 1rem;border:1px solid ${text};border-left:.4rem solid ${accent};border-radius:.2rem}
.notice p{margin:0}
.error{border-left-color:#b3261e}
.actions{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:center;margin-top:1.5rem}
.actions button{margin:0}
ul.sessions{list-style:none;margin:1.5rem 0;padding:0;border-top:1px solid ${text}}
ul.sessions li{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding:.9rem 0;border-bottom:1px solid ${text}}
ul.sessions li>div{flex:1 1 14rem}
ul.sessions p{margin:0;font-size:.95rem}
`.replaceAll('\n', '');
}
