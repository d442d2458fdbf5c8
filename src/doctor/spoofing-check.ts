import { randomBytes } from 'node:crypto';
import type { Check, Diagnosis, Finding, Patient } from './check.ts';
import { ProbeListener } from './probe-listener.ts';
import { rawRequest, type RawAnswer } from './raw-request.ts';
import type { SpoofOrder } from './spoof-order.ts';
import { spoofsFor } from './spoofed-fields.ts';

/** Means nothing to anybody: where it arrives, the request can be seen. */
const harmless = 'X-Portcullis-Doctor';

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
  const send = async (
    lines: (value: string) => readonly string[],
  ): Promise<{ readonly answer: RawAnswer; readonly isThrough: boolean }> => {
    const value = `spoofed-${randomBytes(8).toString('hex')}`;
    const cookie = order.cookie === null ? [] : [`Cookie: ${order.cookie}`];
    const answer = await rawRequest(order, [...cookie, ...lines(value)]);
    return { answer, isThrough: answer.text.includes(value) || seen().includes(value) };
  };
  try {
    const control = await send((value) => [`${harmless}: ${value}`, 'Connection: close']);
    if (!control.isThrough) return looked(order, [unseen(subject, control.answer.status)]);
    const through = new Map<string, string[]>();
    for (const { field, lines, spelling } of spoofsFor(config)) {
      const { isThrough } = await send(lines);
      if (isThrough) through.set(field, [...(through.get(field) ?? []), spelling]);
    }
    return looked(
      order,
      [...through].map(([field, spellings]) => ({
        subject,
        fault: `a ${field} that a client sends reaches the upstream (spelled ${spellings.join('; ')}): whoever sends it is whoever he says`,
        remedy: `let every proxy before the upstream remove ${field} in every spelling, or replace it by what the gateway says, also where nobody is logged in (nginx: proxy_set_header ${field} $user_info, with underscores_in_headers off)`,
      })),
    );
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
