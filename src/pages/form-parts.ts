import type { PageTextName } from '../config/page-text-names.ts';
import { html, type Markup } from './html.ts';
import type { Texts } from './texts.ts';

/** What went wrong, first on the page and read out at once; it leads to the field that it is about, if it is about one. */
export function errorSummary(problem: PageTextName, field: string | null, texts: Texts): Markup {
  const words = texts.say(problem);
  return html`<div class="notice error" role="alert" id="problem" tabindex="-1" autofocus>
    <h2>${texts.say('problem')}</h2>
    <p>${field === null ? words : html`<a href="#${field}">${words}</a>`}</p>
  </div> `;
}

export interface TextField {
  readonly name: string;
  readonly type: 'text' | 'password';
  readonly label: string;
  readonly value: string;
  /** For the password manager. */
  readonly autocomplete: string;
  readonly hasProblem: boolean;
  readonly hasFocus: boolean;
}

/** A label and its field. Names are not words: nothing is corrected or begun with a capital letter. */
export function textField(field: TextField): Markup {
  const problem = field.hasProblem ? html` aria-invalid="true" aria-describedby="problem"` : null;
  const focus = field.hasFocus ? html` autofocus` : null;
  const value = field.type === 'text' ? html` value="${field.value}"` : null;
  return html`<label for="${field.name}">${field.label}</label>
    <input
      id="${field.name}"
      name="${field.name}"
      type="${field.type}"
      autocomplete="${field.autocomplete}"
      autocapitalize="none"
      autocorrect="off"
      spellcheck="false"
      required${value}${problem}${focus}
    /> `;
}

/** Says that the form was made here, for this browser. */
export function tokenField(token: string): Markup {
  return html`<input type="hidden" name="token" value="${token}" />`;
}
