import { pageLanguages, type PageLanguage } from '../config/page-text-names.ts';
import type { PagesConfig } from '../config/pages.ts';
import type { AnswerPages, PageContent, StatusPageName } from '../http/answer-pages.ts';
import { languageFor } from './language.ts';
import { layOut, type Layout } from './layout.ts';
import { loginPage, type LoginForm } from './login-page.ts';
import { sessionsPage, type SessionsList } from './sessions-page.ts';
import { escalatePage, returnPage, type EscalateForm, type ReturnForm } from './staff-pages.ts';
import { statusPage } from './status-page.ts';
import { Texts } from './texts.ts';
import { createTheme, type Theme } from './theme.ts';

/** Where pages lead to. */
export interface PageTargets {
  readonly home: string;
  readonly returnHosts: readonly string[];
}

/** Every page of ours, in every language. All HTML is made behind this door. */
export class Pages implements AnswerPages {
  readonly languages = pageLanguages;
  readonly #fallback: PageLanguage;
  readonly #theme: Theme;
  readonly #texts: ReadonlyMap<string, Texts>;
  readonly #fallbackTexts: Texts;
  readonly #home: string;

  constructor(config: PagesConfig, { home, returnHosts }: PageTargets) {
    this.#fallback = config.language;
    this.#theme = createTheme(
      config,
      returnHosts.map((host) => `https://${host}`),
    );
    this.#fallbackTexts = new Texts(config.language, config);
    this.#texts = new Map(pageLanguages.map((language) => [language, new Texts(language, config)]));
    this.#home = home;
  }

  languageFor(acceptLanguage: string | undefined): string {
    return languageFor(acceptLanguage, this.#fallback);
  }

  status(name: StatusPageName, language: string, loginUrl: string | null): PageContent {
    const texts = this.#textsIn(language);
    return this.#layOut(statusPage(name, { loginUrl, home: this.#home }, texts), texts);
  }

  login(form: LoginForm, language: string): PageContent {
    const texts = this.#textsIn(language);
    return this.#layOut(loginPage(form, texts), texts);
  }

  sessions(list: SessionsList, language: string): PageContent {
    const texts = this.#textsIn(language);
    return this.#layOut(sessionsPage(list, texts), texts);
  }

  escalate(form: EscalateForm, language: string): PageContent {
    const texts = this.#textsIn(language);
    return this.#layOut(escalatePage(form, texts), texts);
  }

  return(form: ReturnForm, language: string): PageContent {
    const texts = this.#textsIn(language);
    return this.#layOut(returnPage(form, texts), texts);
  }

  #textsIn(language: string): Texts {
    return this.#texts.get(language) ?? this.#fallbackTexts;
  }

  #layOut(layout: Layout, texts: Texts): PageContent {
    return layOut(layout, texts, this.#theme);
  }
}
