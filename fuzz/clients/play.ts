import { addressOf } from '../cases/client-address.ts';
import type { FuzzCase } from '../cases/fuzz-case.ts';
import type { Ports } from '../gateway/settings.ts';
import { Http2Ear } from './http2-ear.ts';
import { RawConnection, type Script } from './raw-connection.ts';
import type { Received } from './received.ts';

/** Lets the client of a case say what it has to say. */
export function play(ports: Ports, one: FuzzCase): Promise<Received> {
  return RawConnection.run(ports, {
    door: one.door,
    localAddress: addressOf(one.index),
    protocol: one.kind === 'http2' ? 'h2' : 'http/1.1',
    bytes: one.kind === 'http2' ? one.bytes : Buffer.from(one.text, 'latin1'),
    cuts: one.cuts,
    leaving: one.leaving,
    ...(one.kind === 'upgrade' && { patienceMs: 400 }),
    heard: earOf(one),
  });
}

function earOf(one: FuzzCase): Script['heard'] {
  if (one.kind === 'http1') return () => true;
  if (one.kind === 'http2') {
    const ear = new Http2Ear(one.requests.length);
    return (piece) => ear.hear(piece);
  }
  let heard = '';
  return (piece, say) => {
    const isFirst = !heard.includes('\r\n\r\n');
    heard += piece.toString('latin1');
    if (isFirst && /^HTTP\/1\.1 101 [^]*\r\n\r\n/.test(heard)) {
      say(Buffer.from(one.clientFrames, 'latin1'));
    }
    return heard.includes('\r\n\r\n');
  };
}
