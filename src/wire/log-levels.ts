/** RFC 5424, as MCP lists them: the least severe first. */
export const LOG_LEVELS = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whether a message of `level` is as severe as `least`; what is no level is not. */
export function atLeast(level: unknown, least: unknown): boolean {
  const wanted = LOG_LEVELS.findIndex((known) => known === least);
  return wanted !== -1 && LOG_LEVELS.findIndex((known) => known === level) >= wanted;
}

export function isLogLevel(level: unknown): level is LogLevel {
  return LOG_LEVELS.some((known) => known === level);
}
