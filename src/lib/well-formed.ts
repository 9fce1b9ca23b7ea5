const LONE_SURROGATE = /\p{Cs}/u;

/** Whether a text has an encoding: half a surrogate pair has none, and is another character after a detour by bytes. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
