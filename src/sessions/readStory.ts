import { CallTexts } from '../agents/callTexts.ts';
import { forecastsAt } from '../core/panel/forecastsAt.ts';
import { SampleStore } from '../core/panel/sampleStore.ts';
import type { Anomaly } from '../core/session/anomaly.ts';
import { storyOf } from '../core/story/storyOf.ts';
import type { StoryFacts, StoryLine } from '../core/story/storyFacts.ts';
import { openHandles } from '../logs/handles.ts';
import { readTranscript } from './readTranscript.ts';
import { ProcessCommands } from '../logs/processCommands.ts';
import { eachAnomaly, readSummary, transcriptOf } from '../logs/sessionFiles.ts';
import { readEnrollment } from '../logs/sessionIndex.ts';
import { lastSamples } from './lastSamples.ts';
import { growingTranscript, knownFailures } from './knownFailures.ts';
import type { FoundSession } from './readFound.ts';
import { storyFactsOf, type StorySource } from './storyFactsOf.ts';

/** The story of a session from its files alone: for whoever has not read them already. */
export function readStory(found: FoundSession, nowMs: number): readonly StoryLine[] {
  return storyOf(readStoryFacts(found, nowMs));
}

export function readStoryFacts(found: FoundSession, nowMs: number): StoryFacts {
  const { place, root } = found;
  const summary = readSummary(place.dir);
  const isRunning = place.state === 'running';
  const enrollment = readEnrollment(place.dir);
  const transcript =
    transcriptOf(place.dir, summary) ??
    (isRunning ? growingTranscript(root, enrollment, { dir: place.dir, nowMs }) : undefined);
  const commands = new ProcessCommands();
  commands.read(place.dir);
  return storyFactsOf({
    dir: place.dir,
    isRunning,
    summary,
    enrollment,
    failures: knownFailures(root, place, summary),
    log: transcript === undefined ? undefined : readLog(transcript, { isOver: !isRunning, root }),
    oomKills: oomKillsIn(place.dir),
    forecast: isRunning ? forecastIn(place.dir) : undefined,
    commandOf: (pid, startTicks) => commands.of(pid, startTicks),
    nowMs,
  });
}

/** The agent's own log with its texts. */
export function readLog(
  path: string,
  { isOver, root }: { readonly isOver: boolean; readonly root: FoundSession['root'] },
): StorySource['log'] {
  const texts = new CallTexts();
  try {
    const analyzer = readTranscript(path, {
      handleOf: openHandles(root).handleOf(path),
      isOver,
      onEvent: (event, at) => texts.take(event, at),
    });
    return { analyzer, texts };
  } catch {
    return undefined; // gone, or not ours to read
  }
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
