import type { PageTextName } from '../config/page-text-names.ts';

export const germanTexts: Readonly<Record<PageTextName, string>> = {
  loginTitle: 'Anmelden',
  username: 'Benutzername',
  password: 'Passwort',
  loginButton: 'Anmelden',
  problem: 'Das hat nicht geklappt',
  sessionEndedNotice: 'Ihre Sitzung ist beendet. Bitte melden Sie sich neu an.',
  loginRejected: 'Der Benutzername oder das Passwort ist falsch.',
  loginIncomplete: 'Geben Sie Ihren Benutzernamen und Ihr Passwort ein.',
  loginExpired: 'Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.',
  loginThrottled:
    'Das waren zu viele Versuche. Bitte warten Sie ein wenig und versuchen Sie es dann noch einmal.',
  loginUnavailable:
    'Wir können Ihr Passwort gerade nicht prüfen. Bitte versuchen Sie es gleich noch einmal.',
  loginFailed:
    'Bei uns ist etwas schiefgegangen. Bitte wenden Sie sich an den Betreiber dieser Seite.',

  pleaseLogInTitle: 'Bitte melden Sie sich an',
  pleaseLogInText:
    'Sie sind nicht angemeldet, oder Ihre Sitzung ist beendet. Falls Sie eben etwas gesendet haben, wurde es nicht angenommen.',
  sessionEndedTitle: 'Ihre Sitzung ist beendet',
  sessionEndedText:
    'Sie sind abgemeldet worden, deshalb wurde das eben Gesendete nicht angenommen. Melden Sie sich an und senden Sie es noch einmal.',
  loggedOutTitle: 'Sie sind abgemeldet',
  loggedOutText: 'Wenn auch andere diesen Computer benutzen, schließen Sie jetzt den Browser.',
  logoutConfirmTitle: 'Abmelden?',
  logoutConfirmText: 'Eine andere Website will, dass wir Sie abmelden. Waren Sie das?',
  cookieMissingTitle: 'Ihr Browser hat unser Cookie nicht behalten',
  cookieMissingText:
    'Ohne Cookie können Sie nicht angemeldet bleiben. Erlauben Sie Cookies für diese Website und prüfen Sie, ob ihre Adresse mit https beginnt, falls sie das soll. Versuchen Sie es dann noch einmal.',
  forbiddenTitle: 'Diese Seite ist nicht für Sie',
  forbiddenText:
    'Sie sind angemeldet, dürfen diese Seite aber nicht sehen. Wenn das falsch ist, wenden Sie sich an den Betreiber.',
  notAllowedTitle: 'Das dürfen Sie nicht',
  notAllowedText: 'Sie sind angemeldet, aber das ist Ihnen nicht erlaubt.',
  crossSiteTitle: 'Bitte versuchen Sie das hier noch einmal',
  crossSiteText:
    'Was Sie gesendet haben, kam nicht von einer Seite dieser Website oder von einer, die zu lange offen war. Es wurde nichts getan.',
  notFoundTitle: 'Hier ist nichts',
  notFoundText: 'Keine Seite hat diese Adresse. Vielleicht ist ein Tippfehler darin.',
  throttledTitle: 'Zu viele Versuche',
  throttledText: 'Bitte warten Sie ein wenig und versuchen Sie es dann noch einmal.',
  bannedTitle: 'Der Zugang ist vorerst gesperrt',
  bannedText:
    'Von Ihrem Konto oder aus Ihrem Netz kamen zu viele Fehlversuche. Versuchen Sie es später noch einmal oder wenden Sie sich an den Betreiber.',
  unavailableTitle: 'Einen Moment, bitte',
  unavailableText:
    'Wir können gerade nicht prüfen, wer Sie sind. Sie sind weiter angemeldet. Bitte versuchen Sie es gleich noch einmal.',
  overloadedTitle: 'Gerade ist viel los',
  overloadedText:
    'Es gibt mehr zu tun, als wir schaffen. Bitte versuchen Sie es gleich noch einmal.',
  unreachableTitle: 'Dieser Dienst antwortet nicht',
  unreachableText:
    'Der Dienst hinter dieser Seite ist ausgefallen. Bitte versuchen Sie es gleich noch einmal.',
  tooLateTitle: 'Dieser Dienst ist zu langsam',
  tooLateText:
    'Der Dienst hinter dieser Seite hat zu lange für eine Antwort gebraucht. Bitte versuchen Sie es gleich noch einmal.',
  badRequestTitle: 'Das konnten wir nicht lesen',
  badRequestText: 'Was Ihr Browser gesendet hat, ist keine Anfrage, die hier beantwortet wird.',
  tooLargeTitle: 'Das ist zu groß',
  tooLargeText: 'Ihr Browser hat mehr gesendet, als hier angenommen wird.',
  tooSlowTitle: 'Das hat zu lange gedauert',
  tooSlowText:
    'Was Ihr Browser gesendet hat, kam nicht rechtzeitig an. Bitte versuchen Sie es noch einmal.',
  internalErrorTitle: 'Etwas ist schiefgegangen',
  internalErrorText: 'Der Fehler liegt bei uns. Bitte versuchen Sie es gleich noch einmal.',

  sessionsTitle: 'Ihre Sitzungen',
  sessionsText:
    'Sie sind als {user} angemeldet. Beenden Sie, was Sie nicht kennen oder nicht mehr brauchen.',
  sessionOwn: 'Dieser Browser',
  sessionOther: 'Ein anderer Browser oder ein Programm',
  sessionByStaff: '{actor}, in Ihrem Namen',
  sessionBegan: 'Angemeldet {when}',
  sessionSeen: 'Zuletzt benutzt {when}',
  endSession: 'Beenden',
  endOthers: 'Alle anderen Sitzungen beenden',
  sessionsEnded: 'Erledigt.',

  escalateTitle: 'Für einen anderen Benutzer handeln',
  escalateText:
    'Sie sehen, was dieser Benutzer sieht, für höchstens {minutes} Minuten. Das wird festgehalten.',
  escalateButton: 'Als dieser Benutzer weiter',
  escalateRefused: 'Für diesen Benutzer können Sie nicht handeln.',
  escalateIncomplete: 'Geben Sie einen Benutzernamen ein.',
  escalatePassword: 'Ihr eigenes Passwort',
  escalateWrongPassword: 'Das ist nicht Ihr Passwort.',
  returnTitle: 'Sie handeln für {user}',
  returnText: 'Sie sind {actor}. Kehren Sie zurück, wenn Sie gesehen haben, was Sie sehen mussten.',
  returnButton: 'Zu mir selbst zurück',

  logInLink: 'Anmelden',
  logOutButton: 'Abmelden',
  homeLink: 'Zur Startseite',
  againLink: 'Noch einmal versuchen',
};
