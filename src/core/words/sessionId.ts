/** What we create and accept as a session's name: no separators, no leading dot, nothing a shell or a path could bend. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text) && !text.includes('..');
}

/** `sess-2026-03-01-4f9a1c07`; the random part is the caller's, lower case and without separators. */
export function newSessionId(isoDate: string, random: string): string {
  return `sess-${isoDate.slice(0, 10)}-${random}`;
}

/**
 * Whether a reader may join this directory name to the root. Other writers' names are theirs to choose
 * (`no_session_20260301T100000`), but none may lead out of the folder or be taken for a flag by a program that is told
 * of it; one with a leading dot is not a session yet, or none any more.
 */
export function isSafeName(name: string): boolean {
  return /^[^-.]/.test(name) && name.length <= 255 && !/[/\\\0]/.test(name);
}

/** The id of a session that nobody recorded, made of its log's place: `log-claude-3f2a9c81d001`. */
export function isUnrecordedId(id: string): boolean {
  return /^log-[a-z]{1,20}-[0-9a-f]{12}$/.test(id);
}
