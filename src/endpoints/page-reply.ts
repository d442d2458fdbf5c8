import type { PageContent } from '../http/answer-pages.ts';
import type { Reply } from '../http/reply.ts';

/** An answer with a page in the place of what it says to programs; status and all other fields stay. */
export function asPage(reply: Reply, page: PageContent): Reply {
  const rest = reply.fields.filter(([name]) => name !== 'Content-Type');
  return { status: reply.status, fields: [...page.fields, ...rest], body: page.body };
}

/** An answer with further fields. */
export function withFields(reply: Reply, fields: Reply['fields']): Reply {
  return fields.length === 0 ? reply : { ...reply, fields: [...reply.fields, ...fields] };
}
