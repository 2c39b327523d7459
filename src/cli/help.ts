import type { Command } from './command.ts';
import { wrapped, type Terminal } from './terminal.ts';

const COMMON_FLAGS: readonly (readonly [string, string])[] = [
  ['--log-dir DIR', 'the log root, instead of the standard one'],
  ['--json', 'for scripts, where the command prints data'],
  ['--help', 'this text'],
];

export function programHelp(commands: ReadonlyMap<string, Command>, terminal: Terminal): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  return [
    'Runs or attaches to a coding agent’s session, records its whole process tree,',
    'and says what happened: session-diagnostics run -- claude -p "..."',
    '',
    ...[...commands].map(([name, { summary }]) =>
      wrapped(`  ${name.padEnd(width)}  ${summary}`, terminal.columns, ' '.repeat(width + 4)).replace(name, (found) =>
        terminal.styled('bold', found),
      ),
    ),
    '',
    'session-diagnostics COMMAND --help tells more; --version says which this is.',
    'Exit codes: 0 done, 1 what was asked about failed, 2 wrong usage;',
    'run passes the agent’s own code on.',
  ].join('\n');
}

export function commandHelp(name: string, command: Command, terminal: Terminal): string {
  const flags = [...command.flagHelp, ...COMMON_FLAGS];
  const width = Math.max(...flags.map(([flag]) => flag.length));
  return [
    `session-diagnostics ${name} ${command.usage}`.trimEnd(),
    '',
    wrapped(`${command.summary}.`, terminal.columns, ''),
    '',
    ...flags.map(([flag, meaning]) =>
      wrapped(`  ${flag.padEnd(width)}  ${meaning}`, terminal.columns, ' '.repeat(width + 4)),
    ),
  ].join('\n');
}
