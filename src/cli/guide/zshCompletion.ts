import type { CommandWords, FlagWords } from './commandWords.ts';

/** For `source <(...)` and, as the file `_session-diagnostics`, for a folder of `fpath`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef session-diagnostics
# session-diagnostics completion for zsh
_session_diagnostics() {
  local -a commands flags
  local end=\${words[(i)--]}
  if (( end < CURRENT )); then
    shift $end words
    (( CURRENT -= end ))
    _normal
    return
  fi
  if (( CURRENT == 2 )); then
    commands=(
${commands.map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`).join('\n')}
    )
    _describe command commands
    return
  fi
  case "$words[2] $words[CURRENT-1]" in
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => valueCase(name, flag))).join('\n')}
  esac
  case "$words[2]" in
${commands.map(commandCase).join('\n')}
  esac
}
_session_diagnostics_sessions() {
  local at=\${words[(i)--log-dir]}
  local -a root
  (( at < CURRENT )) && root=(--log-dir "$words[at+1]")
  compadd -- \${(f)"$(session-diagnostics completion $1 $root 2>/dev/null)"}
}
if [[ "$funcstack[1]" == _session?diagnostics ]]; then
  _session_diagnostics "$@"
elif (( $+functions[compdef] )); then
  compdef _session_diagnostics session-diagnostics
fi`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function valueCase(command: string, { name, value, choices, isPath }: FlagWords): readonly string[] {
  if (value === undefined) return [];
  const act =
    choices.length > 0 ? `compadd -- ${choices.join(' ')};` : isPath ? `_files${value === 'DIR' ? ' -/' : ''};` : '';
  return [`    '${command} --${name}') ${act} return ;;`];
}

function commandCase({ name, flags, takes, takesCommand }: CommandWords): string {
  const described = flags.map((flag) => `        ${quoted(`--${flag.name}:${flag.meaning}`)}`);
  if (takesCommand) described.push(`        ${quoted('--:the command stands behind it')}`);
  const besides =
    takes === undefined
      ? ''
      : takes === 'file'
        ? '_files'
        : typeof takes === 'string'
          ? `_session_diagnostics_sessions ${takes === 'session' ? '--sessions' : '--running'}`
          : `compadd -- ${takes.join(' ')}`;
  return `    ${name})
      flags=(
${described.join('\n')}
      )
      if [[ "$words[CURRENT]" == -* ]]; then _describe -o flag flags; else ${besides === '' ? '_describe -o flag flags' : besides}; fi ;;`;
}
