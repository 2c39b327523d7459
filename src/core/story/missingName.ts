/** How shells and runtimes name what they did not find. */
const NAMED: readonly RegExp[] = [
  /^ModuleNotFoundError: No module named '([^']{1,100})'/,
  /\bCannot find (?:module|package) '([^']{1,100})'/,
  /^(?:\S{1,80}: )?(?:line \d{1,6}: |\d{1,6}: )?([\w@./+-]{1,100}): (?:command )?not found$/,
  /^(?:zsh|fish): (?:command not found|Unknown command): ([\w@./+-]{1,100})/,
  /^exec: "([\w@./+-]{1,100})": executable file not found/,
  /^env: ['‘]?([\w@./+-]{1,100}?)['’]?: No such file or directory/,
  /\bspawn ([\w@./+-]{1,100}) ENOENT\b/,
];

/** The program or module that these lines say is missing: the last one named. */
export function missingNameIn(lines: readonly string[]): string | undefined {
  for (const line of lines.toReversed()) {
    for (const pattern of NAMED) {
      const name = pattern.exec(line.trim())?.[1];
      if (name !== undefined) return name;
    }
  }
  return undefined;
}
