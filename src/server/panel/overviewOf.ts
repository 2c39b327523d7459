import { hostname } from 'node:os';
import { attachedOf } from '../../core/session/attached.ts';
import { agentKindOf } from '../../core/session/agentKind.ts';
import { clippedText } from '../../core/words/displayText.ts';
import { episodesOf } from '../../core/anomalies/episodes.ts';
import type { Failures } from '../../core/session/failures.ts';
import { sessionTitle } from '../../core/find/sessionTitle.ts';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { forecastsAt } from '../../core/panel/forecastsAt.ts';
import { integerOf, numberOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import type { EpisodeView, ForecastView, LifecycleView, Overview, SessionRow } from '../../core/panel/sessionView.ts';
import { knownCause, sessionVerdict } from '../../core/session/summaryVerdict.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import { evidenceSentence } from '../../core/death/evidenceWords.ts';
import { verdictSentence } from '../../core/death/verdictSentence.ts';
import { AGENT_KINDS, SEVERITIES, wordOf } from '../../core/words/vocabulary.ts';
import { storyOf } from '../../core/story/storyOf.ts';
import type { StoryLine } from '../../core/story/storyFacts.ts';
import { storyFactsOf } from '../../sessions/storyFactsOf.ts';
import { clippedLabel, clippedRecord } from './clippedRecord.ts';
import { unrecordedNotes, unrecordedRow } from './unrecordedRows.ts';
import type { SessionReader } from './sessionReader.ts';

const MAX_COMMAND = 2000;
/** More episodes than a person reads; the worst, and of these the first, tell the story. */
const MOST_EPISODES = 500;
const MOST_EVIDENCE = 50;
const MOST_SOURCES = 1000;

export function overviewOf(reader: SessionReader): Overview {
  const { summary, enrollment, samples, isRunning, log } = reader;
  const command = stringOf(summary?.['skill_command']) ?? enrollment?.skill_command ?? '';
  const label = stringOf(summary?.['label']) ?? enrollment?.label ?? '';
  const verdict = verdictOf(reader);
  const failures = clippedFailures(reader.failures(verdict));
  const startMs = msFromIso(summary?.['start_ts']) ?? msFromIso(enrollment?.enrolled_at) ?? samples.firstMs;
  const episodes = episodeViews(reader);
  const row: SessionRow = {
    ref: reader.ref,
    isRunning,
    outcome: verdict.outcome,
    cause: knownCause(isRunning ? undefined : verdict.cause),
    title: clippedLabel(titleOf(reader, label, command)),
    agent: wordOf(AGENT_KINDS, summary?.['agent']) ?? enrollment?.agent ?? agentKindOf([command]),
    startMs,
    durationSeconds: numberOf(summary?.['duration_seconds']),
    anomalyCount: reader.anomalies.length,
    criticals: episodes.filter(({ severity }) => severity === 'critical').length,
    warnings: episodes.filter(({ severity }) => severity === 'warning').length,
    suspect: failures?.suspect.layer,
    ...hostOf(summary?.['host']),
    ...(log !== undefined && { logOnly: unrecordedRow(log, reader.ref.root).logOnly }),
  };
  const cwd = stringOf(summary?.['cwd']) ?? enrollment?.cwd;
  const endMs = isRunning ? undefined : msFromIso(summary?.['end_ts']);
  const story = storyOfReader(reader, verdict);
  return {
    row,
    revision: reader.revision,
    command: clippedText(command, MAX_COMMAND),
    cwd: cwd === undefined || cwd === '' ? undefined : clippedLabel(cwd),
    startMs,
    attached: attachedOf(reader.lifecycle),
    lastMs: endMs ?? reader.extent.lastMs,
    intervalMs: enrollment === undefined ? undefined : enrollment.interval_seconds * 1000,
    snapshotCount: samples.count,
    exitCode: integerOf(summary?.['exit_code']),
    signal: optionalLabel(summary?.['signal']),
    verdict,
    verdictSentence: story[0]?.text ?? verdictSentence(verdict),
    story,
    evidenceSentences: [
      ...verdict.evidence.map((item) => evidenceSentence(item)),
      ...(log === undefined ? [] : unrecordedNotes(log)),
    ],
    episodes: worstFirst(episodes).slice(0, MOST_EPISODES),
    lifecycle: reader.lifecycle.flatMap(lifecycleView),
    calls: reader.transcript.calls(),
    phases: reader.transcript.phases(),
    failures,
    failureTexts: (failures?.sources ?? []).map((source) => reader.transcript.log?.texts.ofFailure(source) ?? null),
    leftovers: leftoversFrom(summary).map((leftover) => ({ ...leftover, comm: clippedLabel(leftover.comm) })),
    forecasts: forecastsNow(reader),
    damage: reader.damage,
  };
}

/** What an agent's own log or a trace says of itself is a text and no command line. */
function titleOf({ ref, log }: SessionReader, label: string, command: string): string {
  const isText = log !== undefined || isTraceName(ref.id);
  return (isText ? label || command : sessionTitle(label, command)) || ref.id;
}

/** From what has been read of it already. */
function storyOfReader(reader: SessionReader, verdict: Verdict): readonly StoryLine[] {
  const { dir, isRunning, summary, enrollment, transcript, anomalies, commands } = reader;
  if (dir === undefined) return [];
  return storyOf(
    storyFactsOf({
      dir,
      isRunning,
      summary,
      enrollment,
      failures: reader.failures(verdict),
      log: transcript.log,
      oomKills: anomalies.filter(({ kind }) => kind === 'oom_kill'),
      forecast: forecastsNow(reader)[0]?.sentence,
      commandOf: (pid, startTicks) => commands.of(pid, startTicks),
      nowMs: Date.now(),
    }),
  );
}

/** A session that has ended has no future. */
export function forecastsNow({ isRunning, samples }: SessionReader): readonly ForecastView[] {
  return isRunning && samples.lastMs !== undefined ? forecastsAt(samples, samples.lastMs) : [];
}

/** Of a session of another machine. */
function hostOf(told: unknown): Pick<SessionRow, 'host'> {
  const host = optionalLabel(told);
  return host === undefined || host === '' || host === hostname() ? {} : { host };
}

function verdictOf(session: SessionReader): Verdict {
  const verdict = sessionVerdict(session);
  const evidence = verdict.evidence
    .slice(0, MOST_EVIDENCE)
    .map((item) => (item.name === undefined ? item : { ...item, name: clippedLabel(item.name) }));
  return { ...verdict, evidence, ...(session.activity !== undefined && { activity: session.activity }) };
}

function worstFirst(episodes: readonly EpisodeView[]): readonly EpisodeView[] {
  return episodes.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
}

function clippedFailures(failures: Failures | undefined): Failures | undefined {
  if (failures === undefined) return undefined;
  const { suspect, sources } = failures;
  return {
    ...failures,
    sources: sources.slice(0, MOST_SOURCES).map((source) => ({
      ...source,
      handle: clippedLabel(source.handle),
      ts: optionalLabel(source.ts) ?? null,
    })),
    suspect: { ...suspect, sentence: clippedLabel(suspect.sentence) },
  };
}

function optionalLabel(value: unknown): string | undefined {
  return typeof value === 'string' ? clippedLabel(value) : undefined;
}

function episodeViews({ anomalies, samples, transcript }: SessionReader): readonly EpisodeView[] {
  return episodesOf(anomalies).map((episode) => {
    // Placed by the samples: other writers' `ts` is the time of detection.
    const firstMs = samples.msOfSeq(episode.first_seq) ?? msFromIso(episode.first_ts) ?? 0;
    const lastMs = samples.msOfSeq(episode.last_seq) ?? msFromIso(episode.last_ts) ?? firstMs;
    return {
      kind: episode.kind,
      severity: episode.severity,
      firstSeq: episode.first_seq,
      lastSeq: episode.last_seq,
      firstMs,
      lastMs,
      count: episode.count,
      pid: episode.pid,
      detail: clippedRecord(
        episode.kind === 'stalled' ? { ...episode.detail, ...openCallOf(transcript, lastMs) } : episode.detail,
      ),
    };
  });
}

/** The agent's newest call that had not returned: what a stalled session most likely waits for. */
function openCallOf(transcript: SessionReader['transcript'], ms: number): JsonRecord {
  const call = transcript.callsOpenAt(ms).at(-1);
  if (call === undefined) return {};
  return { open_call: call.tool_kind, open_call_seconds: Math.round((ms - call.startMs) / 1000) };
}

function lifecycleView(event: {
  timestamp: string;
  event: string;
  reason?: string;
  context?: object;
}): LifecycleView[] {
  const ms = msFromIso(event.timestamp);
  if (ms === undefined) return [];
  return [
    {
      ms,
      event: event.event,
      reason: event.reason === undefined ? undefined : clippedLabel(event.reason),
      context: event.context === undefined ? undefined : clippedRecord({ ...event.context }),
    },
  ];
}
