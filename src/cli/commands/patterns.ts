import { join } from 'node:path';
import { numberOf } from '../../core/words/json.ts';
import {
  deathPatterns,
  type DeathPatterns,
  type PatternGroup,
  type PatternSession,
} from '../../core/report/patterns.ts';
import type { RateFinding } from '../../core/report/deathRate.ts';
import { lifecycleEventFrom } from '../../core/session/readSession.ts';
import { msFromIso } from '../../core/words/time.ts';
import { AGENT_KINDS, wordOf } from '../../core/words/vocabulary.ts';
import { causeWords } from '../../core/words/vocabularyWords.ts';
import { readJsonLines } from '../../logs/jsonLines.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { readIndex, sessionDirs } from '../../logs/sessionIndex.ts';
import { knownEnd } from '../../sessions/knownEnd.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { wrapped, type Terminal } from '../terminal.ts';

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

export const patterns: Command = {
  usage: '[--days N]',
  summary: 'When and which sessions die: by hour, weekday, agent, age, output and cause, and whether that has changed',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [['--days N', `looks back so many days (${DEFAULT_DAYS})`]],
  flags: { days: { type: 'string' } },
  run: (context) => {
    const { args, terminal } = context;
    const days = args.number('days', 1) ?? DEFAULT_DAYS;
    const nowMs = Date.now();
    const found = deathPatterns(sessionsSince(chosenRoot(context), nowMs - days * DAY_MS), nowMs);
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (args.isSet('json')) terminal.out(JSON.stringify({ days, time_zone: timeZone, ...found }));
    else for (const line of asText(found, { days, timeZone, terminal })) terminal.out(line);
    return Promise.resolve(0);
  },
};

function sessionsSince(root: LogRoot, sinceMs: number): PatternSession[] {
  const index = readIndex(root);
  return sessionDirs(root.sessions).flatMap((name) => {
    // The index spares reading the files of sessions that ended long ago.
    const line = index.get(name);
    const indexedEndMs = (msFromIso(line?.timestamp) ?? NaN) + 1000 * (line?.duration_seconds ?? NaN);
    if (indexedEndMs < sinceMs) return [];
    const session = patternSession(join(root.sessions, name));
    return session === undefined || session.endMs < sinceMs ? [] : [session];
  });
}

function patternSession(dir: string): PatternSession | undefined {
  const end = knownEnd(dir);
  const summary = end?.summary;
  const endMs = msFromIso(summary?.['end_ts']) ?? msFromIso(summary?.['start_ts']);
  if (end === undefined || endMs === undefined) return undefined;
  const ended = new Date(endMs);
  return {
    endMs,
    hour: ended.getHours(),
    weekday: ended.getDay(),
    agent: wordOf(AGENT_KINDS, end.summary['agent']) ?? 'other',
    cause: end.verdict.cause,
    isDeath: end.isDeath,
    durationSeconds: numberOf(end.summary['duration_seconds']),
    outputBytes: outputBytesOf(dir),
  };
}

/** Written with every end, whether the session died or not. */
function outputBytesOf(dir: string): number | undefined {
  let bytes: number | undefined;
  try {
    readJsonLines(join(dir, 'lifecycle.jsonl'), 0, (value) => {
      const event = lifecycleEventFrom(value);
      if (event?.event === 'session_death_detected') bytes = numberOf(event.context?.['output_size_bytes']) ?? bytes;
    });
  } catch {
    return undefined; // another writer's session has none
  }
  return bytes;
}

interface Wording {
  readonly days: number;
  readonly timeZone: string;
  readonly terminal: Terminal;
}

function asText(found: DeathPatterns, { days, timeZone, terminal }: Wording): string[] {
  const { styled, columns } = terminal;
  const period = days === 1 ? 'day' : `${days} days`;
  const many = `${counted(found.sessions, 'session')} ended in the last ${period}; ${found.deaths} died.`;
  if (found.sessions === 0) return [`No session ended in the last ${period}.`];
  const lines = [many, wrapped(rateSentence(found.rate), columns, '')];
  if (found.deaths === 0) return lines;
  const causes = found.by_cause.map(({ key, deaths }) => `${causeWords(key)} ${deaths}`);
  lines.push(wrapped(`Causes of death: ${causes.join(', ')}.`, columns, ''));
  for (const [title, groups] of [
    [`By hour (${timeZone})`, found.by_hour],
    [`By weekday (${timeZone})`, found.by_weekday],
    ['By agent', found.by_agent],
    ['Deaths by age (of the sessions that got this old)', found.by_age],
    ['By size of output', found.by_output_size],
  ] as const) {
    if (groups.length > 0) lines.push('', styled('bold', title), ...groups.map((group) => groupLine(group, terminal)));
  }
  if ([...found.by_hour, ...found.by_weekday, ...found.by_agent].some((group) => group.stands_out)) {
    lines.push(
      '',
      wrapped('! more deaths than chance explains (Fisher’s exact test against the others).', columns, ''),
    );
  }
  return lines;
}

function rateSentence(rate: RateFinding): string {
  switch (rate.state) {
    case 'too_few':
      return `Too few sessions to say whether more die than before: that takes ${rate.needed_in_window} of the last day or week and ${rate.needed_before} from before.`;
    case 'usual':
      return 'The death rate is as it was before: what differs, chance explains.';
    case 'rose':
    case 'fell': {
      const window = rate.window_hours === 24 ? 'day' : 'week';
      const share = ({ deaths, sessions }: typeof rate.window): string => `${deaths} of ${sessions}`;
      const odds = rate.chance < 1e-6 ? 'less than 1 in a million' : `1 in ${Math.round(1 / rate.chance)}`;
      return `The death rate ${rate.state}: ${share(rate.window)} died in the last ${window}, ${share(rate.before)} before. With an unchanged rate the chance of that is ${odds} (Fisher’s exact test).`;
    }
  }
}

const BAR_CELLS = 20;

function groupLine({ key, sessions, deaths, stands_out: standsOut }: PatternGroup, { styled }: Terminal): string {
  const share = deaths / sessions;
  const bar = '█'.repeat(Math.round(share * BAR_CELLS));
  const text = `${key.padEnd(14)} ${String(deaths).padStart(4)} of ${String(sessions).padEnd(5)} ${`${Math.round(100 * share)} %`.padStart(5)}  ${bar}`;
  const line = `${standsOut ? '!' : ' '} ${text}`.trimEnd();
  return standsOut ? styled('red', line) : line;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
