import type { LogFields } from './log.ts';

/** What a log line says about something that was thrown: name, code and message, never a stack or a cause's body. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  const code: unknown = Reflect.get(error, 'code');
  return {
    error: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
  };
}
