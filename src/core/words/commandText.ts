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
