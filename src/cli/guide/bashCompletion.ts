import type { CommandWords, FlagWords } from './commandWords.ts';

/** Written for bash 3.2 as well, which macOS has; without bash-completion it knows no other command's words. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# session-diagnostics completion for bash
_session_diagnostics() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" i words=
  COMPREPLY=()
  for ((i = 2; i < COMP_CWORD; i++)); do
    [[ "\${COMP_WORDS[i]}" == -- ]] || continue
    if declare -F _command_offset >/dev/null; then _command_offset $((i + 1))
    elif ((COMP_CWORD == i + 1)); then COMPREPLY=($(compgen -c -- "$current"))
    else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  done
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case "$command $previous" in
${commands.flatMap(({ name, flags }) => flags.flatMap((flag) => valueCase(name, flag))).join('\n')}
  esac
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
_session_diagnostics_sessions() {
  local i
  for ((i = 2; i < COMP_CWORD; i++)); do
    if [[ "\${COMP_WORDS[i]}" == --log-dir ]]; then
      session-diagnostics completion "$1" --log-dir "\${COMP_WORDS[i+1]}" 2>/dev/null
      return
    fi
  done
  session-diagnostics completion "$1" 2>/dev/null
}
complete -o filenames -o bashdefault -F _session_diagnostics session-diagnostics`;
}

function valueCase(command: string, { name, value, choices, isPath }: FlagWords): readonly string[] {
  if (value === undefined) return [];
  const act =
    choices.length > 0
      ? `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current"));`
      : isPath
        ? `COMPREPLY=($(compgen ${value === 'DIR' ? '-d' : '-f'} -- "$current"));`
        : '';
  return [`    '${command} --${name}') ${act} return ;;`];
}

function commandCase({ name, flags, takes, takesCommand }: CommandWords): string {
  const dashed = [...flags.map((flag) => `--${flag.name}`), ...(takesCommand ? ['--'] : [])].join(' ');
  const ofFlags = `words='${dashed}'`;
  if (takes === undefined) return `    ${name}) ${ofFlags} ;;`;
  const besides =
    takes === 'file'
      ? 'COMPREPLY=($(compgen -f -- "$current")); return'
      : typeof takes === 'string'
        ? `words="$(_session_diagnostics_sessions ${takes === 'session' ? '--sessions' : '--running'})"`
        : `words='${takes.join(' ')}'`;
  return `    ${name}) if [[ "$current" == -* ]]; then ${ofFlags}; else ${besides}; fi ;;`;
}
