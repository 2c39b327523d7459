/** What the command in a terminal is started with. */
export interface CommandParts {
  /** The editor's own runtime. */
  readonly runtime: string;
  /** It is Electron, which is a Node when it is told so. */
  readonly isElectron: boolean;
  /** Of this version of the extension. */
  readonly dist: string;
  /** The folders of the extension's versions, up to their number. */
  readonly versions: string;
  /** Such as `linux-x64`. */
  readonly platform: string;
}

/**
 * For sh. An update of the extension or the editor takes away what it names, and terminals that are open stay open: then it
 * looks for the newest version and for a Node of the PATH. `run` begins in the native program, without a Node before it.
 */
export function commandScript({ runtime, isElectron, dist, versions, platform }: CommandParts): string {
  return `#!/bin/sh
# Written by the extension Session Diagnostics for the terminals of the editor; what is changed here is lost.
runtime=${quoted(runtime)}
electron=${isElectron ? '1' : ''}
dist=${quoted(dist)}
[ -f "$dist/cli.js" ] || dist=$(ls -td ${quoted(versions)}*/dist 2>/dev/null | head -n 1)
if [ ! -f "$dist/cli.js" ]; then
  echo "session-diagnostics: The extension Session Diagnostics is not there any more. Install it again, or remove $0." >&2
  exit 127
fi
if [ ! -x "$runtime" ]; then
  electron=
  runtime=$(command -v node) || {
    echo 'session-diagnostics: The editor has been updated, and there is no Node on the PATH. Open the editor once more.' >&2
    exit 127
  }
fi
native=$dist/native/${platform}/session-diagnostics
if [ "$1" = run ] && [ -x "$native" ] && [ "$SESSION_DIAGNOSTICS_NATIVE" != off ]; then
  shift
  exec "$native" run "--with-node=$runtime" \${electron:+--electron} --unchecked "$@"
fi
[ -z "$electron" ] || export ELECTRON_RUN_AS_NODE=1
exec "$runtime" "$dist/cli.js" "$@"
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For cmd and PowerShell, where there is no native program. */
export function commandBatch({ runtime, dist }: CommandParts): string {
  return [
    '@echo off',
    'rem Written by the extension Session Diagnostics for the terminals of the editor; what is changed here is lost.',
    'setlocal',
    'set ELECTRON_RUN_AS_NODE=1',
    `"${runtime}" "${dist}\\cli.js" %*`,
    '',
  ].join('\r\n');
}
