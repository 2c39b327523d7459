import { join } from 'node:path';
import { anomalyRecord } from '../../core/session/anomaly.ts';
import { deathFacts, NO_OOM_FACTS, type KernelCrash, type OomKill } from '../../core/death/deathFacts.ts';
import { rootOf } from '../../core/session/readSession.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { reopenRunningSession, type Published } from '../../logs/runningSession.ts';
import { healIndex } from '../../logs/healIndex.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';
import { dropTakenEnrollment, removeUnborn, takeEnrollment } from '../../logs/takeOver.ts';
import { openedOutput } from '../run/agentOutput.ts';
import { endSession } from './endSession.ts';
import { readExitNote } from '../coroner/exitNote.ts';
import { openKernelLog } from '../coroner/kernelLog.ts';
import { findLeftoversOf } from '../run/leftovers.ts';
import { isProcessAlive, ownClaimant, ownProcess } from '../proc/ownProcess.ts';
import { readBootId } from '../proc/bootId.ts';
import { RecentMembers } from './recentMembers.ts';
import { detectorFor, resumeSeries } from './resume.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import { releaseWaiters } from '../coroner/tmuxWatch.ts';
import { knownIncident, tellDeath } from '../coroner/simultaneousDeaths.ts';

export interface Recovered {
  readonly id: string;
  /** `foreign`: another user's, who can recover it. */
  readonly became: 'finished' | 'resumed' | 'failed' | 'foreign';
  readonly message?: string;
}

export interface RecoverOptions {
  readonly root: LogRoot;
  readonly surroundings: AgentSurroundings;
  /** Starts a recorder of its own that goes on with a session whose agent still lives. */
  readonly resume: (id: string) => Promise<void>;
}

/** Finishes, or goes on with, every session whose recorder is gone; then heals the index. */
export async function recoverSessions(options: RecoverOptions): Promise<readonly Recovered[]> {
  const { root } = options;
  const recovered: Recovered[] = [];
  const lost: Lost[] = [];
  const names = sessionDirs(root.running);
  if (names.length > 0) removeUnborn(root, Date.now());
  for (const name of names) {
    try {
      const enrollment = takeEnrollment(join(root.running, name), ownClaimant());
      if (enrollment === 'alive') continue;
      if (enrollment === 'foreign') {
        recovered.push({
          id: name,
          became: 'foreign',
          message: 'it belongs to another user: nothing of it is touched',
        });
        continue;
      }
      if (enrollment === undefined) {
        recovered.push({ id: name, became: 'failed', message: 'it has no enrollment.json: not a session of ours' });
        continue;
      }
      const found = await recoverOne(options, { ...enrollment, session_id: name });
      if ('finish' in found) lost.push(found);
      else recovered.push(found);
    } catch (error) {
      recovered.push(failedOf(name, error));
    }
  }
  // After a reboot they died together: each is finished when the deaths of all are known.
  for (const { id, finish } of lost) {
    try {
      const published = finish();
      recovered.push(published.ok ? { id, became: 'finished' } : { id, became: 'failed', message: published.message });
    } catch (error) {
      recovered.push(failedOf(id, error));
    }
  }
  healIndex(root, ownClaimant());
  return recovered;
}

/** One session's bad disk must not keep the others waiting. */
function failedOf(id: string, error: unknown): Recovered {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error; // a bug of ours, not the disk's
  return { id, became: 'failed', message };
}

/** A session that ended unseen, ready to be finished. */
interface Lost {
  readonly id: string;
  readonly finish: () => Published;
}

async function recoverOne(options: RecoverOptions, enrollment: Enrollment): Promise<Recovered | Lost> {
  const id = enrollment.session_id;
  if (isProcessAlive(rootOf(enrollment), enrollment.boot_id)) {
    const store = reopenRunningSession(options.root, id, { onProblem: () => undefined });
    // The new recorder takes it from here: our claim is given back as a recorder that is about to be gone.
    store.writeEnrollment({ ...enrollment, recorder: { pid: 0, starttime_ticks: null } });
    dropTakenEnrollment(store.dir, ownProcess());
    await options.resume(id);
    return { id, became: 'resumed' };
  }
  return { id, finish: prepareLost(options, enrollment) };
}

/** Recorder and agent are both gone: what was seen is kept, and the rest is called lost. */
function prepareLost({ root, surroundings }: RecoverOptions, enrollment: Enrollment): () => Published {
  const store = reopenRunningSession(root, enrollment.session_id, { onProblem: () => undefined });
  if (enrollment.tmux !== undefined) void releaseWaiters(enrollment.tmux, enrollment.session_id);
  const detector = detectorFor(enrollment);
  const seen = new RecentMembers();
  const progress = resumeSeries(store, detector, (tree) => seen.add(tree));
  const output = openedOutput(store.dir, enrollment);
  const noted = readExitNote(store.dir);
  const endTs = noted?.at ?? progress.lastSnapshot?.ts ?? enrollment.enrolled_at;
  const members = seen.byPid();
  const leftovers = findLeftoversOf([...members.values()], enrollment);
  const logged = loggedSince(enrollment);
  const facts = deathFacts({
    mode: enrollment.mode,
    at: endTs,
    exit: noted?.exit,
    trackedPid: enrollment.pid ?? undefined,
    trackedComm: detector.expectedComm ?? progress.lastSnapshot?.comm,
    agent: enrollment.agent,
    ...(noted === undefined && { foundAt: isoFromMs(Date.now()) }),
    wrappersVia: enrollment.via,
    oom: { ...NO_OOM_FACTS, log: logged?.kills, memberPids: new Set(members.keys()) },
    crashes: logged?.crashes ?? [],
    ...output.markers(),
    lastSnapshot: progress.lastSnapshot,
    isRebooted: enrollment.boot_id !== '' && enrollment.boot_id !== readBootId(),
    isRecorderLost: true,
    recorderPid: enrollment.recorder.pid,
  });
  output.close();
  const last = detector.finish(leftovers);
  for (const anomaly of last) store.append('anomalies', anomalyRecord(anomaly));
  store.appendLifecycle({
    timestamp: isoFromMs(Date.now()),
    event: 'session_recovered',
    session_id: enrollment.session_id,
    reason: 'agent_gone',
  });
  const { news, publish } = endSession({
    root,
    store,
    surroundings,
    enrollment,
    facts,
    elapsedMs: (msFromIso(endTs) ?? 0) - (msFromIso(enrollment.enrolled_at) ?? 0),
    series: { ...progress, anomalyCount: progress.anomalyCount + last.length },
    leftovers,
    redactions: {},
  });
  if (news !== undefined) tellDeath(news);
  return () => publish(news && knownIncident(news));
}

interface Logged {
  readonly kills: readonly OomKill[];
  readonly crashes: readonly KernelCrash[];
}

/** The kernel log reaches back to the boot; only what it says of this session's time counts. */
function loggedSince({ enrolled_at: enrolledAt, boot_id: bootId }: Enrollment): Logged | undefined {
  if (bootId !== readBootId()) return undefined;
  const opened = openKernelLog({
    path: '/dev/kmsg',
    from: 'boot',
    nowMs: Date.now,
    monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  });
  if (!opened.ok) return undefined;
  const sinceMs = msFromIso(enrolledAt) ?? 0;
  const isSince = ({ ts }: { readonly ts: string }): boolean => (msFromIso(ts) ?? 0) >= sinceMs;
  const logged = { kills: opened.log.kills().filter(isSince), crashes: opened.log.crashes().filter(isSince) };
  opened.log.close();
  return logged;
}
