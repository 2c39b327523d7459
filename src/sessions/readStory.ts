import { homedir } from 'node:os';
import { CallTexts } from '../agents/callTexts.ts';
import { findGrowingTranscript } from '../agents/findTranscript.ts';
import { createTranscriptAnalyzer, type TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { forecastsAt } from '../core/panel/forecastsAt.ts';
import { SampleStore } from '../core/panel/sampleStore.ts';
import type { Anomaly } from '../core/session/anomaly.ts';
import { failuresFrom } from '../core/session/readFailures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { storyOf } from '../core/story/storyOf.ts';
import type { StoryFacts, StoryLine } from '../core/story/storyFacts.ts';
import { isoFromMs } from '../core/words/time.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import { readHead } from '../logs/readHead.ts';
import { ProcessCommands } from '../logs/processCommands.ts';
import { eachAnomaly, transcriptOf } from '../logs/sessionFiles.ts';
import { readEnrollment } from '../logs/sessionIndex.ts';
import { lastSamples } from './lastSamples.ts';
import { summaryOfFound, type FoundSession } from './readFound.ts';
import { storyFactsOf, type KnownSession } from './storyFactsOf.ts';

/** The story of a session from its files alone: for whoever has not read them already. */
export function readStory(found: FoundSession, nowMs: number): readonly StoryLine[] {
  return storyOf(readStoryFacts(found, nowMs));
}

export function readStoryFacts(found: FoundSession, nowMs: number): StoryFacts {
  const { place, root } = found;
  const summary = summaryOfFound(found);
  const isRunning = place.state === 'running';
  const enrollment = readEnrollment(place.dir);
  const transcript =
    transcriptOf(place.dir, summary) ??
    (isRunning && enrollment !== undefined ? growing(place.dir, enrollment, nowMs) : undefined);
  const commands = new ProcessCommands();
  commands.read(place.dir);
  return storyFactsOf({
    dir: place.dir,
    isRunning,
    summary,
    enrollment,
    failures: failuresFrom(summary?.['failures']),
    log: transcript === undefined ? undefined : readLog(transcript, { isOver: !isRunning, root }),
    oomKills: oomKillsIn(place.dir),
    forecast: isRunning ? forecastIn(place.dir) : undefined,
    commandOf: (pid, startTicks) => commands.of(pid, startTicks),
    nowMs,
  });
}

function growing(dir: string, enrollment: Enrollment, nowMs: number): string | undefined {
  return findGrowingTranscript({
    enrollment,
    endTs: isoFromMs(nowMs),
    dir,
    env: process.env,
    home: homedir(),
    readHead,
  });
}

/** The agent's own log with its texts. */
function readLog(
  path: string,
  { isOver, root }: { readonly isOver: boolean; readonly root: FoundSession['root'] },
): KnownSession['log'] {
  const texts = new CallTexts();
  const analyzer: TranscriptAnalyzer = createTranscriptAnalyzer({
    handleOf: openHandles(root).handleOf(path),
    onEvent: (event, at) => texts.take(event, at),
  });
  try {
    readAllLines(path, (line) => analyzer.push(line));
  } catch {
    return undefined; // gone, or not ours to read
  }
  if (isOver) analyzer.finish();
  return { analyzer, texts };
}

/** More of them tell the same. */
const MOST_KILLS = 100;

function oomKillsIn(dir: string): readonly Anomaly[] {
  const kills: Anomaly[] = [];
  eachAnomaly(dir, (anomaly) => {
    if (anomaly.kind === 'oom_kill' && kills.length < MOST_KILLS) kills.push(anomaly);
  });
  return kills;
}

function forecastIn(dir: string): string | undefined {
  const store = new SampleStore();
  for (const snapshot of lastSamples(dir).snapshots) store.append(snapshot);
  return store.lastMs === undefined ? undefined : forecastsAt(store, store.lastMs)[0]?.sentence;
}
