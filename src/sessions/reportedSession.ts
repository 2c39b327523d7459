import { existsSync, readFileSync } from 'node:fs';
import { arch, availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { isTraceName } from '../core/session/devboyTrace.ts';
import { EpisodeGatherer } from '../core/anomalies/episodes.ts';
import { recordOf, stringOf } from '../core/words/json.ts';
import type { EnvironmentFacts, ReportedSession } from '../core/report/reportBuild.ts';
import { SeriesTally } from '../core/report/seriesTally.ts';
import type { Snapshot } from '../core/session/snapshot.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import { openHandles } from '../logs/handles.ts';
import { SUMMARY_FILE } from '../logs/sessionIndex.ts';
import { META_FILE } from '../logs/traceFolders.ts';
import { readFound, type FoundSession } from './readFound.ts';

/** Everything that is known of a session, for a report to choose from; its samples go to whoever wants them as well. */
export function reportedSession(found: FoundSession, alsoTo?: (snapshot: Snapshot) => void): ReportedSession {
  const { root, place } = found;
  const series = new SeriesTally();
  const episodes = new EpisodeGatherer();
  const files = readFound(found, {
    moment: ({ snapshot }) => {
      series.addSnapshot(snapshot);
      alsoTo?.(snapshot);
    },
    tree: (tree) => series.addTree(tree),
    anomaly: (anomaly) => episodes.push(anomaly),
  });
  const { summary } = files;
  const account = isTraceName(place.name) ? META_FILE : SUMMARY_FILE;
  const handles = openHandles(root);
  const accountPath = join(place.dir, account);
  const transcript = stringOf(summary?.['transcript']) ?? stringOf(summary?.['claude_code_log']);
  return {
    handle: handles.handleOf(accountPath)(1),
    handleOfFailure: handles.handleOf(transcript ?? accountPath),
    summary: summary ?? (files.enrollment && { ...files.enrollment }),
    verdict: sessionVerdict({ isRunning: place.state === 'running', summary }),
    episodes: episodes.episodes(),
    failures: files.failures,
    series,
    agentVersion:
      stringOf(summary?.['agent_version']) ?? stringOf(recordOf(summary?.['environment'])?.['agent_version']),
    badLines: Object.values(files.badLines).reduce((sum, count) => sum + count, 0),
  };
}

export function environmentFacts(editorVersion: string | undefined): EnvironmentFacts {
  return {
    productVersion: typeof PRODUCT_VERSION === 'string' ? PRODUCT_VERSION : undefined,
    editorVersion,
    platform: process.platform,
    kernelRelease: release(),
    arch: arch(),
    cores: availableParallelism(),
    memoryKb: Math.round(totalmem() / 1024),
    isContainer: process.platform === 'linux' ? isContainer() : undefined,
  };
}

/** Docker and Podman leave a file; elsewhere the first process's groups name the runtime. */
function isContainer(): boolean {
  if (existsSync('/.dockerenv') || existsSync('/run/.containerenv')) return true;
  try {
    return /docker|kubepods|containerd|lxc/.test(readFileSync('/proc/1/cgroup', 'utf8'));
  } catch {
    return false; // hidden: nothing says that it is one
  }
}

/** Set by the build from package.json; a test that runs the sources has none. */
declare const PRODUCT_VERSION: string;
