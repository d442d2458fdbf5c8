import { html } from './html.ts';
import { errorSummary, textField, tokenField } from './form-parts.ts';
import type { Layout } from './layout.ts';
import type { Texts } from './texts.ts';

/** Why somebody sees the form again. */
export type LoginProblem =
  | 'loginRejected'
  | 'loginIncomplete'
  | 'loginExpired'
  | 'loginThrottled'
  | 'loginUnavailable'
  | 'loginFailed';

export interface LoginForm {
  readonly token: string;
  /** As it was typed before. */
  readonly username: string;
  readonly problem: LoginProblem | null;
  /** Somebody comes from a session that is over. */
  readonly hasEnded: boolean;
}

export function loginPage(form: LoginForm, texts: Texts): Layout {
  const { problem, username } = form;
  const title = texts.say('loginTitle');
  const hasProblem = problem === 'loginRejected' || problem === 'loginIncomplete';
  const notice =
    problem !== null
      ? errorSummary(problem, hasProblem ? 'username' : null, texts)
      : form.hasEnded &&
        html`<div class="notice" role="status"><p>${texts.say('sessionEndedNotice')}</p></div> `;
  return {
    title: problem === null ? title : `${texts.say('problem')}: ${title}`,
    body: html`<h1>${title}</h1>
      ${notice}
      <form class="block" method="post">
        ${tokenField(form.token)}
        ${textField({
          name: 'username',
          type: 'text',
          label: texts.say('username'),
          value: username,
          autocomplete: 'username',
          hasProblem,
          hasFocus: problem === null,
        })}${textField({
          name: 'password',
          type: 'password',
          label: texts.say('password'),
          value: '',
          autocomplete: 'current-password',
          hasProblem,
          hasFocus: false,
        })}<button type="submit">${texts.say('loginButton')}</button>
      </form>`,
  };
}
