import type { Command } from './command.ts';
import { COMMON_FLAGS } from './guide/commandWords.ts';
import { GROUPS, GUIDE, OTHER_GROUP } from './guide/guideTable.ts';
import { wrapped, type Terminal } from './terminal.ts';

export function programHelp(commands: ReadonlyMap<string, Command>, terminal: Terminal): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  const line = ([name, { summary }]: readonly [string, Command]): string =>
    wrapped(`  ${name.padEnd(width)}  ${summary}`, terminal.columns, ' '.repeat(width + 4)).replace(name, (found) =>
      terminal.styled('bold', found),
    );
  const groups = GROUPS.flatMap((group) => {
    const own = [...commands].filter(([name]) => (GUIDE.get(name)?.group ?? OTHER_GROUP) === group);
    return own.length === 0 ? [] : ['', group, ...own.map(line)];
  });
  return [
    'Runs or attaches to a coding agent’s session, records its whole process tree,',
    'and says what happened:',
    '',
    '  session-diagnostics run -- claude -p "fix the failing test"',
    '  session-diagnostics list --failed',
    '  session-diagnostics show last',
    ...groups,
    '',
    'session-diagnostics COMMAND --help tells more, with examples; --version says',
    'which this is, and --man prints the manual page: ... --man | man -l -',
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
    ...exampleLines(name, terminal),
  ].join('\n');
}

function exampleLines(name: string, terminal: Terminal): readonly string[] {
  const examples = GUIDE.get(name)?.examples ?? [];
  if (examples.length === 0) return [];
  const lines = examples.flatMap(([line, meaning]) => [
    `  session-diagnostics ${line}`,
    ...(meaning === '' ? [] : [terminal.styled('dim', `      ${meaning}`)]),
  ]);
  return ['', examples.length === 1 ? 'Example' : 'Examples', ...lines];
}
