import type { CommandWords, FlagWords } from './commandWords.ts';

const COMPLETE = 'complete -c session-diagnostics';

export function fishCompletion(commands: readonly CommandWords[]): string {
  return [
    '# session-diagnostics completion for fish',
    SESSIONS,
    `${COMPLETE} -f`,
    `${COMPLETE} -n __fish_is_first_token -l help -d 'the commands'`,
    `${COMPLETE} -n __fish_is_first_token -l version -d 'which this is'`,
    ...commands.flatMap(linesOf),
  ].join('\n');
}

const SESSIONS = `function __session_diagnostics_sessions
  set -l words (commandline -opc)
  set -l root
  if set -l at (contains -i -- --log-dir $words)
    set root --log-dir $words[(math $at + 1)]
  end
  session-diagnostics completion $argv $root 2>/dev/null
end
function __session_diagnostics_is
  set -l words (commandline -opc)
  test "$words[2]" = $argv[1]; and not contains -- -- $words
end
function __session_diagnostics_is_behind_dashes
  contains -- -- (commandline -opc)
end`;

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function linesOf({ name, summary, flags, takes, takesCommand }: CommandWords): readonly string[] {
  const isIt = `-n '__session_diagnostics_is ${name}'`;
  const besides =
    takes === undefined
      ? []
      : takes === 'file'
        ? [`${COMPLETE} ${isIt} -F`]
        : typeof takes === 'string'
          ? [
              `${COMPLETE} ${isIt} -a '(__session_diagnostics_sessions ${takes === 'session' ? '--sessions' : '--running'})'`,
            ]
          : [`${COMPLETE} ${isIt} -a ${quoted(takes.join(' '))}`];
  return [
    `${COMPLETE} -n __fish_is_first_token -a ${name} -d ${quoted(summary)}`,
    ...flags.map((flag) => `${COMPLETE} ${isIt} ${flagOf(flag)}`),
    ...besides,
    ...(takesCommand
      ? [`${COMPLETE} -n __session_diagnostics_is_behind_dashes -xa '(__fish_complete_subcommand --commandline)'`]
      : []),
  ];
}

function flagOf({ name, meaning, value, choices, isPath }: FlagWords): string {
  const takes =
    value === undefined
      ? ''
      : choices.length > 0
        ? ` -xa ${quoted(choices.join(' '))}`
        : isPath
          ? ` -r${value === 'DIR' ? "a '(__fish_complete_directories)'" : 'F'}`
          : ' -x';
  return `-l ${name}${takes} -d ${quoted(meaning)}`;
}
