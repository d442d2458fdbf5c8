import { adminConfig } from './admin.ts';
import { strict as assert } from 'node:assert';
import { deepFreeze } from '../lib/deep-freeze.ts';
import { checkRelations } from './check-relations.ts';
import { ConfigDocument } from './config-document.ts';
import type { ConfigDraft } from './config-draft.ts';
import { controlConfig } from './control.ts';
import { explainConfig } from './explain.ts';
import { reloadConfig } from './reload.ts';
import { readDraft } from './config-draft.ts';
import { ConfigProblems } from './config-problems.ts';
import { ConfigUnreadable } from './config-unreadable.ts';
import type { Config } from './config.ts';
import type { Environment } from './read.ts';
import { processEnvironment, readText } from './read.ts';
import { passwordsConfig } from './passwords.ts';
import { loginThrottleConfig } from './login-throttle.ts';
import { listenerConfig } from './read-listener.ts';
import { isBlock } from './read-options.ts';
import { warningsOf } from './warnings.ts';

/**
 * Reads and checks a configuration file; the result is frozen. Changes nothing and connects to
 * nothing. Throws ConfigUnreadable, or ConfigProblems with everything that is wrong.
 */
export function loadConfig(path: string, environment: Environment = processEnvironment()): Config {
  const file = readText(path);
  if (file.kind === 'unreadable') throw new ConfigUnreadable(path, file.reason);
  const document = new ConfigDocument(file.text, environment);
  const { problems, root } = document;
  if (document.isTooLarge) throw new ConfigProblems(path, problems.toSorted());
  if (root !== null && root !== undefined && !isBlock(root) && !document.isBroken) {
    problems.add([], 'is no configuration', 'expected `key: value` lines, listeners: among them');
    throw new ConfigProblems(path, problems.toSorted());
  }
  const draft = readDraft({ document, path: [], raw: isBlock(root) ? root : {} }, path);
  if (document.isBroken) document.reportFaults();
  else checkRelations(draft);
  if (!problems.isEmpty) throw new ConfigProblems(path, problems.toSorted());
  const config = assembled(draft, path);
  return deepFreeze({ ...config, warnings: warningsOf(config) });
}

/** A draft without problems is whole. */
function assembled(draft: ConfigDraft, path: string): Omit<Config, 'warnings'> {
  const { top, log, accessLog, sessions, tokens, cookie, identity, staff, login, passwords } =
    draft;
  const { audit, coherence, control, explain, pages, reload, tracing } = draft;
  assert(coherence && control && explain && reload && tracing);
  assert(top && log && accessLog && audit && sessions && tokens && cookie);
  assert(identity && staff && login && passwords && pages && draft.admin !== undefined);
  const directories = draft.directories.map((directory) => whole(directory.config));
  return {
    path,
    answers: top.value.answers,
    workers: top.value.workers,
    drainTimeoutMs: top.value.drainTimeout,
    log: log.value,
    accessLog,
    audit,
    tracing: tracing.value,
    listeners: draft.listeners.map((listener) => whole(listenerConfig(listener, path))),
    admin: draft.admin && adminConfig(draft.admin.value),
    control: controlConfig(control.value),
    reload: reloadConfig(reload.value),
    explain: explainConfig(explain.value),
    upstreams: draft.upstreams.map((upstream) => whole(upstream.config)),
    rateLimits: draft.rateLimits.map((limit) => whole(limit.config)),
    zones: draft.zones.map((zone) => whole(zone.config)),
    tokenCaches: draft.tokenCaches.map((cache) => whole(cache.config)),
    sessions,
    coherence,
    tokens,
    cookie,
    identity: identity.value,
    staff: {
      roles: staff.value.roles,
      protectedRoles: staff.value.protectedRoles,
      isPasswordAsked: staff.value.passwordReentry,
    },
    login: {
      ...login.value,
      directories: login.value.directories ?? directories.map((directory) => directory.name),
      url: login.value.url ?? null,
      throttle: loginThrottleConfig(login.value.throttle),
    },
    directories,
    pages,
    passwords: passwordsConfig(passwords.value),
  };
}

function whole<T>(value: T | undefined): T {
  assert(value !== undefined);
  return value;
}
