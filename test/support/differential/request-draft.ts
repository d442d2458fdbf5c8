/** One field line in pieces, so that each of them can be spoilt. */
export interface FieldDraft {
  name: string;
  colon: string;
  value: string;
  end: string;
}

export interface ChunkDraft {
  size: string;
  extension: string;
  sizeEnd: string;
  payload: string;
  end: string;
}

/** A request in the pieces that RFC 9112 knows; every piece is written as it stands. */
export interface RequestDraft {
  before: string;
  method: string;
  gap: string;
  target: string;
  secondGap: string;
  version: string;
  lineEnd: string;
  fields: FieldDraft[];
  headEnd: string;
  /** A body of known length; empty where the body is chunked. */
  payload: string;
  chunks: ChunkDraft[];
  trailers: FieldDraft[];
  /** Behind the trailers; empty where the body is not chunked. */
  bodyEnd: string;
}

export const field = (name: string, value: string): FieldDraft => ({
  name,
  colon: ': ',
  value,
  end: '\r\n',
});

export const chunkOf = (payload: string): ChunkDraft => ({
  size: payload.length.toString(16),
  extension: '',
  sizeEnd: '\r\n',
  payload,
  end: payload === '' ? '' : '\r\n',
});

const written = (fields: readonly FieldDraft[]): string => {
  let text = '';
  for (const { name, colon, value, end } of fields) text += name + colon + value + end;
  return text;
};

export function textOf(draft: RequestDraft): string {
  let text =
    draft.before +
    draft.method +
    draft.gap +
    draft.target +
    draft.secondGap +
    draft.version +
    draft.lineEnd +
    written(draft.fields) +
    draft.headEnd +
    draft.payload;
  for (const chunk of draft.chunks) {
    text += chunk.size + chunk.extension + chunk.sizeEnd + chunk.payload + chunk.end;
  }
  return text + written(draft.trailers) + draft.bodyEnd;
}
