/** Languages that the pages come in; the first is the default. */
export const pageLanguages = ['en', 'de'] as const;

export type PageLanguage = (typeof pageLanguages)[number];

/**
 * Everything that a page says, by name. `{name}` in a text is the name of the site, `{user}` and `{actor}` are people,
 * `{when}` is a time.
 */
export const pageTextNames = [
  // The login page.
  'loginTitle',
  'username',
  'password',
  'loginButton',
  'problem',
  'sessionEndedNotice',
  'loginRejected',
  'loginIncomplete',
  'loginExpired',
  'loginThrottled',
  'loginUnavailable',
  'loginFailed',

  // A situation each: what it is, and what to do about it.
  'pleaseLogInTitle',
  'pleaseLogInText',
  'sessionEndedTitle',
  'sessionEndedText',
  'loggedOutTitle',
  'loggedOutText',
  'logoutConfirmTitle',
  'logoutConfirmText',
  'cookieMissingTitle',
  'cookieMissingText',
  'forbiddenTitle',
  'forbiddenText',
  'notAllowedTitle',
  'notAllowedText',
  'crossSiteTitle',
  'crossSiteText',
  'notFoundTitle',
  'notFoundText',
  'throttledTitle',
  'throttledText',
  'bannedTitle',
  'bannedText',
  'unavailableTitle',
  'unavailableText',
  'overloadedTitle',
  'overloadedText',
  'unreachableTitle',
  'unreachableText',
  'tooLateTitle',
  'tooLateText',
  'badRequestTitle',
  'badRequestText',
  'tooLargeTitle',
  'tooLargeText',
  'tooSlowTitle',
  'tooSlowText',
  'internalErrorTitle',
  'internalErrorText',

  // One's own sessions.
  'sessionsTitle',
  'sessionsText',
  'sessionOwn',
  'sessionOther',
  'sessionByStaff',
  'sessionBegan',
  'sessionSeen',
  'endSession',
  'endOthers',
  'sessionsEnded',

  // Staff.
  'escalateTitle',
  'escalateText',
  'escalateButton',
  'escalateRefused',
  'escalateIncomplete',
  'escalatePassword',
  'escalateWrongPassword',
  'returnTitle',
  'returnText',
  'returnButton',

  // Where to go from here.
  'logInLink',
  'logOutButton',
  'homeLink',
  'againLink',
] as const;

export type PageTextName = (typeof pageTextNames)[number];
