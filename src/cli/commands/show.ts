import type { Moment } from '../../core/anomalies/detector.ts';
import { EpisodeGatherer } from '../../core/anomalies/episodes.ts';
import { resumeCommand } from '../../core/session/resumeCommand.ts';
import { attachedOf } from '../../core/session/attached.ts';
import { isIncidentId } from '../../core/session/incident.ts';
import { humanKb, humanSeconds } from '../../core/words/humanUnits.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { arrayOf, numberOf, recordOf, stringOf } from '../../core/words/json.ts';
import type { Failures } from '../../core/session/failures.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import { anomalyRecord } from '../../core/session/anomaly.ts';
import { evidenceSentence } from '../../core/death/evidenceWords.ts';
import { verdictSentence } from '../../core/death/verdictSentence.ts';
import { sessionVerdict } from '../../core/session/summaryVerdict.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import { AGENT_KINDS, wordOf } from '../../core/words/vocabulary.ts';
import { kindWords } from '../../core/words/vocabularyWords.ts';
import { eachAnomaly, type SessionFiles, type SessionPlace } from '../../logs/sessionFiles.ts';
import { lookedAtSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { outWithList } from '../outWithList.ts';
import type { StoryLine } from '../../core/story/storyFacts.ts';
import { activityNow } from '../../sessions/activityNow.ts';
import { readFound, type KnownSession } from '../../sessions/readFound.ts';
import { readStory } from '../../sessions/readStory.ts';
import { localMinute } from '../sessionTable.ts';
import { preventionLines } from '../preventionLines.ts';
import { LOG_FLAG_HELP, LOG_FLAGS } from '../unrecorded/unrecordedLogs.ts';
import { showUnrecorded } from '../unrecorded/unrecordedSessions.ts';
import { editorLink, printable, wrapped, type Terminal } from '../terminal.ts';
import { msFromIso } from '../../core/words/time.ts';

export const show: Command = {
  usage: '[ID|PREFIX|last|FOLDER]',
  summary: 'What happened in one session, without an id the newest that ended badly: verdict, evidence, anomalies',
  readsSessions: true,
  takesBundles: true,
  flagHelp: LOG_FLAG_HELP,
  flags: LOG_FLAGS,
  run: async (context) => {
    const { args, terminal } = context;
    const [given = ''] = args.positionals;
    if (/^log-[a-z]{1,20}-[0-9a-f]{1,12}$/.test(given) && (await showUnrecorded(context, given))) return 0;
    const found = lookedAtSession(context);
    const { place } = found;
    const episodes = new EpisodeGatherer();
    let latest: readonly Moment[] = [];
    const files = readFound(found, {
      anomaly: (anomaly) => episodes.push(anomaly),
      ...(place.state === 'running' && { moment: (moment: Moment) => (latest = [...latest.slice(-2), moment]) }),
    });
    const stalledSeq = episodes.episodes().findLast(({ kind }) => kind === 'stalled')?.last_seq;
    const verdict = verdictOf(place, files, { latest, stalledSeq });
    const story = readStory(found, Date.now());
    if (args.isSet('json')) outJson(place, files, { verdict, story, terminal });
    else for (const line of asText(place, files, { verdict, story, episodes, terminal })) terminal.out(line);
    const end = { id: place.name, atMs: msFromIso(files.summary?.['end_ts']) };
    const link = args.isSet('json') || context.opened.has(given) ? undefined : editorLink(context.env, end);
    if (link !== undefined) terminal.out(fact('in the editor', link));
    return 0;
  },
};

interface Told {
  readonly verdict: Verdict;
  readonly story: readonly StoryLine[];
}

function outJson(
  place: SessionPlace,
  files: KnownSession,
  { verdict, story, terminal }: Told & { readonly terminal: Terminal },
): void {
  const { summary, enrollment } = files;
  const incidentId = incidentIdOf(files);
  const before = {
    id: place.name,
    state: place.state,
    summary: summary ?? enrollment ?? null,
    verdict,
    story,
  };
  const after = {
    failures: recordOf(summary?.['failures']) ?? files.failures ?? null,
    lifecycle: files.lifecycle,
    leftovers: leftoversFrom(summary),
    ...(incidentId !== undefined && { incident_id: incidentId }),
    ...(Object.keys(files.badLines).length > 0 && { bad_lines: files.badLines }),
  };
  outWithList(terminal, { before, name: 'anomalies' }, (add) => {
    eachAnomaly(place.dir, (anomaly) => add(anomalyRecord(anomaly)));
    return after;
  });
}

/** What a running session does is known from its latest samples alone. */
function verdictOf(
  place: SessionPlace,
  { summary }: SessionFiles,
  { latest, stalledSeq }: { readonly latest: readonly Moment[]; readonly stalledSeq: number | undefined },
): Verdict {
  const isRunning = place.state === 'running';
  const activity = isRunning ? activityNow(place.dir, latest, stalledSeq) : undefined;
  return { ...sessionVerdict({ isRunning, summary }), ...(activity !== undefined && { activity }) };
}

function asText(
  place: SessionPlace,
  files: KnownSession,
  {
    verdict,
    story,
    episodes: gathered,
    terminal,
  }: Told & { readonly episodes: EpisodeGatherer; readonly terminal: Terminal },
): string[] {
  const { summary, enrollment, snapshotCount } = files;
  const { columns, styled } = terminal;
  const command = stringOf(summary?.['skill_command']) ?? enrollment?.skill_command ?? '';
  const started = stringOf(summary?.['start_ts']) ?? enrollment?.enrolled_at ?? '';
  const isInteractive = summary?.['interactive'] === true || enrollment?.interactive === true;
  const lines = [
    `${styled('bold', printable(place.name))}  ${place.state}${isInteractive ? ', interactive' : ''}`,
    ...(command === '' ? [] : [wrapped(printable(command), columns, '  ')]),
    '',
    ...storyLines(story, terminal),
    '',
    wrapped(`Evidence: ${verdictSentence(verdict)}`, columns, '  '),
    ...verdict.evidence.map((item) => wrapped(`  - ${evidenceSentence(item)}`, columns, '    ')),
    ...incidentLine(files),
    '',
    ...startLines(place, files, started),
    ...optional('took', numberOf(summary?.['duration_seconds']), humanSeconds),
    fact('samples', String(snapshotCount)),
    ...optional('peak memory', numberOf(summary?.['peak_rss_kb']), humanKb),
    ...optional('peak of tree', numberOf(summary?.['peak_tree_rss_kb']), humanKb),
    ...resumeLine(summary),
  ];
  lines.push(...unsureLines(place.name, summary));
  const { failures } = files;
  if (failures !== undefined)
    lines.push('', wrapped(failures.suspect.sentence, columns, '  '), ...failureCounts(failures));
  const episodes = gathered.episodes();
  if (episodes.length > 0) lines.push('', 'Anomalies:');
  if (gathered.dropped > 0) lines.push(`  ${gathered.dropped} earlier ones are in anomalies.jsonl`);
  for (const { kind, severity, first_seq, last_seq } of episodes) {
    const colour = severity === 'critical' ? 'red' : severity === 'warning' ? 'yellow' : 'dim';
    const where = first_seq === last_seq ? `sample ${first_seq}` : `samples ${first_seq} to ${last_seq}`;
    lines.push(`  ${styled(colour, severity.padEnd(8))} ${kindWords(kind)}, ${where}`);
  }
  lines.push(...preventionLines({ verdict, summary, lifecycle: files.lifecycle }));
  const leftovers = leftoversFrom(summary);
  if (leftovers.length > 0) {
    lines.push('', `Left behind: ${leftovers.length}. End them: session-diagnostics cleanup ${place.name}`);
    for (const { pid, comm, age_seconds } of leftovers) {
      lines.push(`  ${pid}  ${printable(comm)}, ${humanSeconds(age_seconds)} old`);
    }
  }
  for (const [file, count] of Object.entries(files.badLines)) {
    lines.push('', `${file}: ${count} damaged line${count === 1 ? '' : 's'} left out.`);
  }
  return lines;
}

/** The answer first; what it printed is quoted, so that nobody takes it for our words. */
function storyLines(story: readonly StoryLine[], { columns, styled }: Terminal): string[] {
  return story.flatMap(({ topic, text, quoted }, index) => {
    const told = wrapped(printable(topic === 'advice' ? `What to do: ${text}` : text), columns, '  ');
    return [
      index === 0 ? styled('bold', told) : told,
      ...quoted.map((line) => styled('dim', `  | ${printable(line)}`)),
    ];
  });
}

/** A process that was attached to is older than its recording. */
function startLines({ name, state }: SessionPlace, { lifecycle }: SessionFiles, started: string): string[] {
  const attached = attachedOf(lifecycle);
  if (attached === undefined) return [fact('started', localMinute(started))];
  const since = attached.processStartMs;
  return [
    ...(since === undefined ? [] : [fact('runs since', localMinute(isoFromMs(since)))]),
    fact('watched since', localMinute(started)),
    ...(state === 'running'
      ? [`To end the process itself, not only its recording: session-diagnostics stop ${name}`]
      : []),
  ];
}

function unsureLines(name: string, summary: SessionFiles['summary']): string[] {
  const paths = arrayOf(summary?.['transcript_candidates']).flatMap((path) => stringOf(path) ?? []);
  if (paths.length === 0) return [];
  return [
    '',
    `Nothing proves which log is its own. Say so: session-diagnostics link ${name} FILE`,
    ...paths.slice(0, 5).map((path) => `  ${printable(path)}`),
  ];
}

function resumeLine(summary: SessionFiles['summary']): string[] {
  const command = resumeCommand(wordOf(AGENT_KINDS, summary?.['agent']) ?? 'other', stringOf(summary?.['transcript']));
  return command === undefined ? [] : [fact('go on with', printable(command.join(' ')))];
}

/** The id is of our own making, but the file may be anybody's. */
function incidentIdOf({ lifecycle }: SessionFiles): string | undefined {
  const id = stringOf(lifecycle.findLast(({ event }) => event === 'simultaneous_deaths')?.context?.['incident_id']);
  return id !== undefined && isIncidentId(id) ? id : undefined;
}

function incidentLine(files: KnownSession): string[] {
  const id = incidentIdOf(files);
  return id === undefined ? [] : [`  Who died with it, and of what: session-diagnostics incidents ${id}`];
}

function failureCounts({ counts }: Failures): string[] {
  const parts = Object.entries(counts).map(([category, count]) => `${count} ${category.replaceAll('_', ' ')}`);
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`];
}

function fact(name: string, value: string): string {
  return `${name.padEnd(13)} ${value}`;
}

function optional(name: string, value: number | undefined, inWords: (n: number) => string): string[] {
  return value === undefined || value === 0 ? [] : [fact(name, inWords(value))];
}
