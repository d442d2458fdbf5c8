import { FieldId, type FieldName } from '../http/field-names.ts';
import type { Route, RouteTarget } from './route.ts';

/** Why a field of a client does not go upstream as it came. The names are public interface. */
export type Removal =
  | 'hop-by-hop'
  | 'managed'
  | 'rewritten'
  | 'answered-here'
  | 'authorization'
  | 'method-override'
  | 'odd-name'
  | 'nominated';

/** Null: it goes on. The one rule, for requests and for those who explain them. */
export function removalOf(
  name: FieldName,
  nominated: ReadonlySet<string> | null,
  { keptFields }: Pick<Route, 'keptFields'>,
  {
    isAuthorizationKept,
    isMethodOverrideKept,
    tracing,
  }: Pick<
    Extract<RouteTarget, { kind: 'upstream' }>,
    'isAuthorizationKept' | 'isMethodOverrideKept' | 'tracing'
  >,
): Removal | null {
  if (name.isHopByHop) return 'hop-by-hop';
  if (name.isManaged) return 'managed';
  switch (name.id) {
    case FieldId.host:
    case FieldId.contentLength:
    case FieldId.cookie:
      return 'rewritten';
    case FieldId.traceparent:
    case FieldId.tracestate:
      if (tracing.isOn) return 'rewritten';
      break;
    case FieldId.expect:
      return 'answered-here';
    case FieldId.authorization:
      if (!isAuthorizationKept) return 'authorization';
      break;
    case FieldId.methodOverride:
      // A rule about methods would be worth nothing if a field could change the method behind it.
      if (!isMethodOverrideKept) return 'method-override';
      break;
    default:
      if (!name.isPlain && !keptFields.has(name.lower)) return 'odd-name';
  }
  return nominated?.has(name.lower) === true ? 'nominated' : null;
}
