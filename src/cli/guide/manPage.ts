import type { Command } from '../command.ts';
import { COMMON_FLAGS } from './commandWords.ts';
import { GROUPS, GUIDE, OTHER_GROUP } from './guideTable.ts';

const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['XDG_DATA_HOME', 'where the standard log root is, in autoskillit/logs (else ~/.local/share)'],
  ['SESSION_DIAGNOSTICS_SESSION', 'what `run` tells its command: the id of its session'],
  ['SESSION_DIAGNOSTICS_OTLP_ENDPOINT', 'an OpenTelemetry receiver that each ended session is sent to'],
  ['SESSION_DIAGNOSTICS_OTLP_WITH', '`ci`, `label` or both: what else is sent there, by name'],
  [
    'SESSION_DIAGNOSTICS_FLEET_URL',
    'the ClickHouse that `fleet` asks; CLICKHOUSE_USER and CLICKHOUSE_PASSWORD say as whom',
  ],
  ['NO_COLOR', 'no colours'],
];

/** The manual page in man(7), of the same table as `--help`; no date, so that a build is the same tomorrow. */
export function manPage(commands: ReadonlyMap<string, Command>, version: string): string {
  return [
    `.TH SESSION\\-DIAGNOSTICS 1 "" ${quoted(`session-diagnostics ${version}`)} "User Commands"`,
    '.SH NAME',
    'session\\-diagnostics \\- find out why a coding agent\\(cqs session died, hung or failed',
    '.SH SYNOPSIS',
    '.B session\\-diagnostics run',
    '[flags] \\-\\- COMMAND ARG...',
    '.br',
    '.B session\\-diagnostics',
    'COMMAND [flags] ...',
    '.SH DESCRIPTION',
    escaped(
      'Runs or attaches to a session of a coding agent, records its whole process tree, reads the agent’s own log, and says what happened, what ended it, and whether the model or the environment is to blame.',
    ),
    ...GROUPS.flatMap((group) => groupOf(group, commands)),
    '.SH FLAGS OF EVERY COMMAND',
    ...COMMON_FLAGS.flatMap(described),
    '.SH EXIT STATUS',
    escaped(
      '0: done. 1: what was asked about failed. 2: wrong usage. `run` passes the code of its command on, 128 + n for a death by signal n.',
    ),
    '.SH ENVIRONMENT',
    ...ENVIRONMENT.flatMap(described),
    '.SH FILES',
    ...described([
      '$XDG_DATA_HOME/autoskillit/logs',
      'the log root: sessions.jsonl is its index, sessions/ID one session',
    ]),
  ].join('\n');
}

function groupOf(group: string, commands: ReadonlyMap<string, Command>): readonly string[] {
  const own = [...commands].filter(([name]) => (GUIDE.get(name)?.group ?? OTHER_GROUP) === group);
  return [`.SH ${quoted(group.toUpperCase())}`, ...own.flatMap(([name, command]) => commandPart(name, command))];
}

function commandPart(name: string, { usage, summary, flagHelp }: Command): readonly string[] {
  const examples = GUIDE.get(name)?.examples ?? [];
  return [
    `.SS ${quoted(`${name} ${usage}`.trimEnd())}`,
    escaped(`${summary}.`),
    ...flagHelp.flatMap(described),
    ...examples.flatMap(([line, meaning]) => [
      '.PP',
      ...(meaning === '' ? [] : [escaped(`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}:`), '.br']),
      `.EX\n    ${escaped(`session-diagnostics ${line}`)}\n.EE`,
    ]),
  ];
}

function described([term, meaning]: readonly [string, string]): readonly string[] {
  return ['.TP', `.B ${escaped(term)}`, escaped(meaning)];
}

/** In roff a backslash escapes, a hyphen is no minus, and a line that begins with a dot or quote is a request. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('—', '\\(em')
    .replace(/^([.'])/gm, '\\&$1');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}
