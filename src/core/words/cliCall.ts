/** A call of our own command line by another of our programs. */
export interface CliCall {
  readonly command: string;
  readonly flags?: CliFlags;
  /** What it is about: ids, files, handles. Others have chosen them. */
  readonly names?: readonly string[];
  /** Somebody's own command line, which may hold secrets. */
  readonly program?: readonly string[];
}

/** By the flag's name; `undefined` and `false` leave it out, a list gives it several times. */
export type CliFlags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/**
 * The words of a call. A flag and its value are one word, and names stand behind `--`: neither is ever taken for a flag,
 * as a session's folder called `--out=.bashrc` was.
 */
export function cliWords({ command, flags = {}, names = [], program = [] }: CliCall): string[] {
  const rest = [...names, ...program];
  return [command, ...Object.entries(flags).flatMap(flagWords), ...(rest.length === 0 ? [] : ['--', ...rest])];
}

function flagWords([name, value]: readonly [string, CliFlags[string]]): string[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [`--${name}`];
  const values = typeof value === 'object' ? value : [value];
  return values.map((one) => `--${name}=${one}`);
}
