const unsafe = /["\\\x00-\x1f\x7f-\uffff]/;

/** A value as NGINX writes it into a log: quotes, backslashes and everything that is no printable ASCII as `\xHH`. */
export function nginxEscaped(text: string): string {
  if (text === '') return '-';
  if (!unsafe.test(text)) return text;
  // Field values are octets, one per character; names of users may be more.
  const isOctets = /^[\x00-\xff]*$/.test(text);
  let escaped = '';
  for (const byte of Buffer.from(text, isOctets ? 'latin1' : 'utf8')) {
    const isPlain = byte > 0x1f && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    escaped += isPlain
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
