/** Padded base64, or null for what the encoder would not have written: one hash, one spelling. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  // A copy of its own: small Buffers share one slab, and sending one to a thread would clone it.
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}
