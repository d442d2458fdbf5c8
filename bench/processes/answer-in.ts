const HEAD_END = Buffer.from('\r\n\r\n');

export interface AnswerText {
  readonly status: number;
  readonly head: string;
  /** The offset behind the answer's last octet. */
  readonly end: number;
}

/** The answer that `bytes` begin with, of a server that gives every body a length; null while it is not whole. */
export function answerIn(bytes: Buffer): AnswerText | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1] ?? '0');
  const end = headEnd + HEAD_END.length + length;
  return bytes.length < end ? null : { status: Number(head.slice(9, 12)), head, end };
}
