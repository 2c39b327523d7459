/** A command as a person could paste it into a POSIX shell. */
export function commandText(command: readonly string[]): string {
  return command.map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line whose program is named without the folder that it lies in. */
export function withoutFolder(command: string): string {
  return command.replace(/^(?:\/[^\s/']+)+\/(?=[^\s/])/, '');
}

/**
 * The words again. `undefined` of a text that was written otherwise, or of which something was taken out: it is another
 * command then.
 */
export function wordsOfCommand(text: string): readonly string[] | undefined {
  if (text === '' || text.includes('[redacted')) return undefined;
  const words: string[] = [];
  let rest = text;
  while (rest !== '') {
    const [written = ''] = /^(?:'[^']*'|\\'|[\w@%+=:,./-])+/.exec(rest) ?? [];
    if (written === '') return undefined;
    words.push(
      written.replaceAll(
        /'([^']*)'|\\(')/g,
        (_, quotedPart?: string, apostrophe?: string) => quotedPart ?? apostrophe ?? '',
      ),
    );
    rest = rest.slice(written.length);
    if (rest === '') break;
    if (!rest.startsWith(' ')) return undefined;
    rest = rest.slice(1);
  }
  // Only what gives the same text again is what was meant.
  return commandText(words) === text ? words : undefined;
}
