import { join } from 'node:path';
import { createTranscriptAnalyzer, detectTranscriptFormat } from '../agents/transcriptReader.ts';
import type { DeathFacts } from '../core/deathFacts.ts';
import { joinEvidence } from '../core/joinEvidence.ts';
import { judgeDeath } from '../core/judgeDeath.ts';
import { ownCommandOf, type KillTarget } from '../core/ownCommand.ts';
import { openHandles } from '../logs/handles.ts';
import { findTranscript } from '../logs/findTranscript.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { Enrollment } from '../core/session.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import type { FindFailures } from '../recorder/sessionRecorder.ts';
import type { CommandContext } from './command.ts';

/** Reads the agent's own log of a session that has just ended, and lets what the process did correct it. */
export function failureFinder(root: LogRoot, { env, home }: Pick<CommandContext, 'env' | 'home'>): FindFailures {
  return ({ enrollment, facts, dir }) => {
    // A transcript that cannot be read must not cost the session its summary.
    try {
      const path = findTranscript({
        enrollment,
        endTs: facts.at,
        dir,
        env,
        home,
        isTranscript: (lines) => detectTranscriptFormat(lines) !== undefined,
      });
      if (path === undefined) return undefined;
      // What was captured moves with the session's directory, and its handles with it.
      const final = path.startsWith(dir) ? join(root.sessions, enrollment.session_id, path.slice(dir.length)) : path;
      const analyzer = createTranscriptAnalyzer({ handleOf: openHandles(root).handleOf(final) });
      readAllLines(path, (line) => analyzer.push(line));
      analyzer.finish();
      const ownCommand = ownCommandOf(analyzer.kills(), killTarget(enrollment, facts), facts.at);
      const verdict = judgeDeath(facts);
      return {
        ownCommand,
        failures: joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() }),
        transcript: final,
      };
    } catch {
      return undefined; // unreadable, or gone while we looked: the session has no transcript then
    }
  };
}

/** By what a kill reaches the agent: its pids and its wrappers', its name, and its command line as it was given. */
function killTarget(enrollment: Enrollment, facts: DeathFacts): KillTarget {
  const pids = [facts.trackedPid, enrollment.pid, enrollment.spawned?.pid, enrollment.launcher?.pid];
  const program = enrollment.skill_command.split(' ', 1)[0]?.replace(/^.*\//, '');
  const isNode = NODE_NAMES.has(facts.trackedComm ?? '');
  const names = [facts.trackedComm, program, ...(isNode ? ['node'] : [])];
  return {
    pids: pids.filter((pid) => typeof pid === 'number'),
    names: names.filter((name) => name !== undefined),
    commandLine: `${isNode ? 'node ' : ''}${enrollment.skill_command}`,
  };
}

/** Its first thread has a name of its own. */
const NODE_NAMES: ReadonlySet<string> = new Set(['node', 'MainThread', 'node-MainThread']);
