import { randomBytes } from 'node:crypto';
import type { Check, Diagnosis, Finding, Patient } from './check.ts';
import { ProbeListener } from './probe-listener.ts';
import { rawRequest } from './raw-request.ts';
import type { SpoofOrder } from './spoof-order.ts';
import { spoofsFor } from './spoofed-fields.ts';

/** Means nothing to anybody: where it arrives, the request can be seen. */
const harmless = 'X-Portcullis-Doctor';

/** A request that is refused as malformed goes nowhere, whatever else is in it. */
const refusals: ReadonlySet<number> = new Set([400, 431]);

interface Sent {
  readonly status: number;
  readonly isThrough: boolean;
  /** Whether the request reached something that shows it. */
  readonly isMarkerSeen: boolean;
}

/**
 * Whether somebody who says who he is is believed: sends identity fields in many spellings through the public address, and
 * looks at what an upstream behind it got.
 */
export const spoofingCheck: Check = {
  name: 'spoofing',
  examine: async (patient) => {
    const { spoofing } = patient;
    if (spoofing === null) {
      return { kind: 'nothing', reason: 'not asked for: see --through in --help' };
    }
    if (spoofing.probe === null) return await examine(patient, spoofing, () => '');
    const { host, port } = spoofing.probe;
    try {
      await using probe = await ProbeListener.listen(spoofing.probe);
      return await examine(patient, spoofing, () => probe.seen);
    } catch (error) {
      const fault = `cannot listen there (${messageOf(error)})`;
      const remedy = 'give --listen an address of this machine that is free';
      return looked(spoofing, [{ subject: `${host}:${port}`, fault, remedy }]);
    }
  },
};

async function examine(
  { config }: Patient,
  order: SpoofOrder,
  seen: () => string,
): Promise<Diagnosis> {
  const subject = order.url.href;
  const send = async (lines: (value: string) => readonly string[]): Promise<Sent> => {
    const [value, marker] = [secretlyNamed('spoofed'), secretlyNamed('marker')];
    const cookie = order.cookie === null ? [] : [`Cookie: ${order.cookie}`];
    const marked = `${harmless}: ${marker}`;
    const answer = await rawRequest(order, [...cookie, marked, ...lines(value)]);
    const isSeen = (text: string): boolean => answer.text.includes(text) || seen().includes(text);
    return { status: answer.status, isThrough: isSeen(value), isMarkerSeen: isSeen(marker) };
  };
  try {
    const control = await send(() => ['Connection: close']);
    if (!control.isMarkerSeen) return looked(order, [unseen(subject, control.status)]);
    const through = new Map<string, string[]>();
    const unknown = new Map<string, string[]>();
    for (const { field, lines, spelling } of spoofsFor(config)) {
      const sent = await send(lines);
      if (sent.isThrough) through.set(field, [...(through.get(field) ?? []), spelling]);
      else if (!sent.isMarkerSeen && !refusals.has(sent.status)) {
        const one = `${spelling}: answered ${sent.status}`;
        unknown.set(field, [...(unknown.get(field) ?? []), one]);
      }
    }
    return looked(order, [
      ...[...through].map(([field, spellings]) => believed(subject, field, spellings)),
      ...[...unknown].map(([field, ones]) => inconclusive(subject, field, ones)),
    ]);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
    const isName = code === 'ERR_TLS_CERT_ALTNAME_INVALID';
    const fault = isName
      ? `the certificate is for other names (${messageOf(error)})`
      : `nobody answers (${messageOf(error)})`;
    const remedy = isName
      ? `show a certificate that names ${order.url.hostname}`
      : 'start what listens there, or correct --through and --ca';
    return looked(order, [{ subject, fault, remedy }]);
  }
}

function secretlyNamed(what: string): string {
  return `${what}-${randomBytes(8).toString('hex')}`;
}

function believed(subject: string, field: string, spellings: readonly string[]): Finding {
  return {
    subject,
    fault: `a ${field} that a client sends reaches the upstream (spelled ${spellings.join('; ')}): whoever sends it is whoever he says`,
    remedy: `let every proxy before the upstream remove ${field} in every spelling, or replace it by what the gateway says, also where nobody is logged in (nginx: proxy_set_header ${field} $user_info, with underscores_in_headers off)`,
  };
}

function inconclusive(subject: string, field: string, ones: readonly string[]): Finding {
  return {
    subject,
    fault: `inconclusive: whether a ${field} that a client sends reaches the upstream could not be found out, for it did not get the request (spelled ${ones.join('; ')})`,
    remedy:
      'run this again when the upstream answers, and from an address that no limit holds back',
  };
}

function unseen(subject: string, status: number): Finding {
  const isClosed = status === 401 || status === 403 || (status >= 300 && status < 400);
  return {
    subject,
    fault: `the answer (${status}) does not show what an upstream got, so nothing could be found out`,
    remedy: isClosed
      ? 'log in, and give the cookie with --cookie'
      : 'give --through a path that leads to an echo of requests, or to the address of --listen',
  };
}

function looked({ url }: SpoofOrder, findings: readonly Finding[]): Diagnosis {
  return { kind: 'looked', seen: `spoofed fields through ${url.href}`, findings };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
