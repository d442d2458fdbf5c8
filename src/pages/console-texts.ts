import type { PageLanguage } from '../config/page-text-names.ts';
import type { ImpersonationObstacle } from './console-state.ts';

const english = {
  title: 'Console',
  logOut: 'Log out',
  lost: 'The connection to the gateway is lost. Trying again …',
  outage:
    'The session store, or this console, does not answer. What is shown is from before; it goes on by itself.',
  ended: 'Sessions ended: {count}.',
  notForYouTitle: 'The console is for staff',
  notForYouText: 'You are logged in as {user}, who may not look at it.',
  requests: 'Requests per second',
  errors: 'Errors per second',
  sessions: 'Sessions',
  streams: 'Live streams',
  streamsColumn: 'Streams',
  propagation: 'Propagation of an end',
  noPropagation: 'none lately',
  inStore: 'in the store',
  onNodes: 'on all nodes shown',
  latest: 'mean of five seconds',
  lastOne: 'until every worker knew',
  lastMinutes: 'the last minutes, at most {most}',
  nodes: 'Nodes',
  node: 'Node',
  worker: 'Worker',
  lease: 'Lease',
  members: 'Members',
  served: 'Requests',
  cached: 'In memory',
  upstreams: 'Upstreams',
  upstream: 'Upstream',
  server: 'Server',
  state: 'State',
  inFlight: 'Under way',
  failures: 'Failures',
  none: 'None.',
  findUser: 'Sessions of a user',
  find: 'Find',
  everybody: 'Everybody',
  user: 'User',
  from: 'From',
  since: 'Since',
  seen: 'Seen',
  actions: 'Actions',
  own: 'this one',
  actedFor: 'acted for by {actor}',
  end: 'End',
  endThis: 'End the session of {user} from {from}',
  endAll: 'End all',
  endAllOf: 'End all sessions of {user}',
  actFor: 'Act for',
  actForUser: 'Act for {user}',
  earlier: 'Back',
  more: 'More',
  ofNobody: 'Nobody is logged in under this name.',
  justNow: 'just now',
  minutes: '{count} min',
  hours: '{count} h',
  days: '{count} d',
  actingWorks: 'Act for leads to the site that users see, where you log in as yourself first.',
  tykeAnswers: 'Nobody can act for users here: with `answers: tyke` there is no form for it.',
  noRoute:
    'Nobody can act for users here: the listener that they come to has no route to `endpoint: escalate`.',
  otherHost:
    'Nobody can act for users here: the route to `endpoint: escalate` is under another host than they see.',
  siteUnknown:
    'Nobody can act for users here: the console does not know the address that they see (`admin.site`).',
} as const satisfies Readonly<Record<string, string>> & Record<ImpersonationObstacle, string>;

export type ConsoleTextName = keyof typeof english;

const german: Readonly<Record<ConsoleTextName, string>> = {
  title: 'Konsole',
  logOut: 'Abmelden',
  lost: 'Die Verbindung zum Gateway ist unterbrochen. Neuer Versuch …',
  outage:
    'Der Sitzungsspeicher oder diese Konsole antwortet nicht. Gezeigt wird, was vorher war; es geht von selbst weiter.',
  ended: 'Beendete Sitzungen: {count}.',
  notForYouTitle: 'Die Konsole ist für Mitarbeiter',
  notForYouText: 'Sie sind als {user} angemeldet und dürfen sie nicht sehen.',
  requests: 'Anfragen pro Sekunde',
  errors: 'Fehler pro Sekunde',
  sessions: 'Sitzungen',
  streams: 'Offene Datenströme',
  streamsColumn: 'Ströme',
  propagation: 'Ausbreitung eines Endes',
  noPropagation: 'keines in letzter Zeit',
  inStore: 'im Speicher der Sitzungen',
  onNodes: 'auf allen gezeigten Knoten',
  latest: 'Mittel über fünf Sekunden',
  lastOne: 'bis alle Worker es wussten',
  lastMinutes: 'die letzten Minuten, höchstens {most}',
  nodes: 'Knoten',
  node: 'Knoten',
  worker: 'Worker',
  lease: 'Lease',
  members: 'Mitglieder',
  served: 'Anfragen',
  cached: 'Im Speicher',
  upstreams: 'Upstreams',
  upstream: 'Upstream',
  server: 'Server',
  state: 'Zustand',
  inFlight: 'Unterwegs',
  failures: 'Fehler',
  none: 'Keine.',
  findUser: 'Sitzungen eines Benutzers',
  find: 'Suchen',
  everybody: 'Alle',
  user: 'Benutzer',
  from: 'Von',
  since: 'Seit',
  seen: 'Zuletzt',
  actions: 'Aktionen',
  own: 'diese',
  actedFor: 'in Vertretung: {actor}',
  end: 'Beenden',
  endThis: 'Die Sitzung von {user} aus {from} beenden',
  endAll: 'Alle beenden',
  endAllOf: 'Alle beenden: Sitzungen von {user}',
  actFor: 'Vertreten',
  actForUser: '{user} vertreten',
  earlier: 'Zurück',
  more: 'Weitere',
  ofNobody: 'Unter diesem Namen ist niemand angemeldet.',
  justNow: 'gerade eben',
  minutes: '{count} min',
  hours: '{count} h',
  days: '{count} T',
  actingWorks:
    'Vertreten führt zu der Seite, die Benutzer sehen; dort melden Sie sich zuerst selbst an.',
  tykeAnswers:
    'Hier kann niemand Benutzer vertreten: mit `answers: tyke` gibt es kein Formular dafür.',
  noRoute:
    'Hier kann niemand Benutzer vertreten: der Listener, zu dem sie kommen, hat keine Route zu `endpoint: escalate`.',
  otherHost:
    'Hier kann niemand Benutzer vertreten: die Route zu `endpoint: escalate` ist unter einem anderen Host, als sie sehen.',
  siteUnknown:
    'Hier kann niemand Benutzer vertreten: die Konsole kennt die Adresse nicht, die sie sehen (`admin.site`).',
};

const all: Readonly<Record<PageLanguage, Readonly<Record<ConsoleTextName, string>>>> = {
  en: english,
  de: german,
};

/** The texts of the console in one language. Plain text: the template that a text goes into escapes it. */
export class ConsoleTexts {
  readonly language: PageLanguage;

  constructor(language: PageLanguage) {
    this.language = language;
  }

  say(name: ConsoleTextName, facts: Readonly<Record<string, string>> = {}): string {
    return all[this.language][name].replace(
      /\{(\w+)\}/g,
      (hole, key: string) => facts[key] ?? hole,
    );
  }

  number(value: number): string {
    return formatOf(this.language).format(value);
  }

  /** On the clock of everybody, and saying so where the day says it is another one. */
  moment(then: string, now: string): string {
    const minute = `${then.slice(11, 16)} UTC`;
    return then.slice(0, 10) === now.slice(0, 10) ? minute : `${then.slice(0, 10)} ${minute}`;
  }

  /** How long ago, as exact as anybody needs it. */
  ago(then: string, now: string): string {
    const minutes = Math.floor((Date.parse(now) - Date.parse(then)) / 60_000);
    if (minutes < 1) return this.say('justNow');
    if (minutes < 120) return this.say('minutes', { count: String(minutes) });
    if (minutes < 2_880) return this.say('hours', { count: String(Math.floor(minutes / 60)) });
    return this.say('days', { count: String(Math.floor(minutes / 1_440)) });
  }
}

const locales: Readonly<Record<PageLanguage, string>> = { en: 'en-GB', de: 'de-DE' };

/** Made when a number is first written, as times are. */
const formats = new Map<PageLanguage, Intl.NumberFormat>();

function formatOf(language: PageLanguage): Intl.NumberFormat {
  const known = formats.get(language);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locales[language], { maximumFractionDigits: 1 });
  formats.set(language, made);
  return made;
}
