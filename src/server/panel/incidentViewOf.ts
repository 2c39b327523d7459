import { candidateSentence, type IncidentSessionView, type IncidentView } from '../../core/panel/incidentView.ts';
import { msFromIso } from '../../core/words/time.ts';
import { evidenceSentence } from '../../core/death/evidenceWords.ts';
import { clippedLabel } from './clippedRecord.ts';
import type { BookedIncident } from './incidentBook.ts';
import { overviewOf } from './overviewOf.ts';
import type { SessionReaders } from './sessionReaders.ts';

/** The way to a death is told by its last minutes. */
const BEFORE_MS = 120_000;
/** Room behind the last death, as a share of what is shown before it. */
const AFTER = 0.08;
/** More timelines than this are not compared by eye; all sessions are named. */
const MOST_TIMELINES = 24;
const MOST_EVIDENCE = 50;

export function incidentViewOf(booked: BookedIncident, readers: SessionReaders, pixels: number): IncidentView {
  const { row, incident } = booked;
  const deaths = incident.sessions.map(({ ts }) => msFromIso(ts) ?? row.firstMs);
  const range = { fromMs: row.firstMs - BEFORE_MS, toMs: Math.max(row.firstMs, ...deaths) };
  const sessions = incident.sessions.map((session, i): IncidentSessionView => {
    const ref = { root: row.ref.root, id: session.dir_name };
    const death = { ref, cause: session.cause, deathMs: deaths[i] ?? row.firstMs };
    const reader = i < MOST_TIMELINES ? readers.read(ref) : undefined;
    if (reader === undefined) return { ...death, title: clippedLabel(session.dir_name), memory: undefined };
    const { tree_rss_kb, vm_rss_kb } = reader.samplesIn(range).slice({ ...range, pixels });
    return { ...death, title: overviewOf(reader).row.title, memory: tree_rss_kb ?? vm_rss_kb };
  });
  return {
    row,
    candidates: incident.candidates.map((candidate) => ({
      name: candidate.name,
      confidence: candidate.confidence,
      sentence: candidateSentence(candidate),
      evidenceSentences: candidate.evidence.slice(0, MOST_EVIDENCE).map((item) => clippedLabel(evidenceSentence(item))),
    })),
    sessions,
    ...fitted(range, sessions),
  };
}

/** Young sessions are not drawn behind two empty minutes. */
function fitted(
  range: { readonly fromMs: number; readonly toMs: number },
  sessions: readonly IncidentSessionView[],
): { readonly fromMs: number; readonly toMs: number } {
  const firsts = sessions.flatMap(({ memory }) => memory?.t[0] ?? []);
  const fromMs = firsts.length === 0 ? range.fromMs : Math.max(range.fromMs, Math.min(...firsts));
  return { fromMs, toMs: range.toMs + Math.max(1000, (range.toMs - fromMs) * AFTER) };
}
