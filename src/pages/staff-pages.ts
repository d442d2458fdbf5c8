import type { PageTextName } from '../config/page-text-names.ts';
import { html } from './html.ts';
import { errorSummary, textField, tokenField } from './form-parts.ts';
import type { Layout } from './layout.ts';
import type { Texts } from './texts.ts';

export interface EscalateForm {
  readonly token: string;
  readonly username: string;
  readonly problem: PageTextName | null;
  /** Staff say their own password again. */
  readonly isPasswordAsked: boolean;
  /** How long it lasts. */
  readonly minutes: number;
}

/** A member of staff says for whom. */
export function escalatePage(form: EscalateForm, texts: Texts): Layout {
  const { isPasswordAsked, minutes, problem, token, username } = form;
  const isAboutPassword = problem === 'escalateWrongPassword';
  const title = texts.say('escalateTitle');
  return {
    title: problem === null ? title : `${texts.say('problem')}: ${title}`,
    body: html`<h1>${title}</h1>
      <p>${texts.say('escalateText', { minutes: String(minutes) })}</p>
      ${problem !== null && errorSummary(problem, isAboutPassword ? 'password' : 'username', texts)}
      <form class="block" method="post">
        ${tokenField(token)}
        ${textField({
          name: 'username',
          type: 'text',
          label: texts.say('username'),
          value: username,
          // It is somebody else's: the own name, which the browser knows, would be wrong.
          autocomplete: 'off',
          hasProblem: problem !== null && !isAboutPassword,
          hasFocus: problem === null,
        })}${
          isPasswordAsked &&
          textField({
            name: 'password',
            type: 'password',
            label: texts.say('escalatePassword'),
            value: '',
            autocomplete: 'current-password',
            hasProblem: isAboutPassword,
            hasFocus: false,
          })
        }<button type="submit">${texts.say('escalateButton')}</button>
      </form>`,
  };
}

export interface ReturnForm {
  readonly token: string;
  readonly user: string;
  readonly actor: string;
}

/** Somebody who acts for a user ends that. */
export function returnPage({ actor, token, user }: ReturnForm, texts: Texts): Layout {
  const title = texts.say('returnTitle', { user });
  return {
    title,
    body: html`<h1>${title}</h1>
      <p>${texts.say('returnText', { actor })}</p>
      <form class="actions" method="post">
        ${tokenField(token)}<button type="submit">${texts.say('returnButton')}</button>
      </form>`,
  };
}
