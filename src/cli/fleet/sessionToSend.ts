import { SampleStore } from '../../core/panel/sampleStore.ts';
import { buildReport } from '../../core/report/reportBuild.ts';
import { integerOf } from '../../core/words/json.ts';
import { traceContextFrom } from '../../core/words/traceContext.ts';
import { openHandles } from '../../logs/handles.ts';
import { transcriptOf } from '../../logs/sessionFiles.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { environmentFacts, reportedSession } from '../../sessions/reportedSession.ts';
import { readTimedTurns } from '../../sessions/timedTurns.ts';
import { otlpSession, type OtlpSession } from '../../telemetry/otlp/otlpSession.ts';
import { CommandError } from '../failure.ts';
import { askedAttributes } from './ciAttributes.ts';

/** One ended session as it leaves: what its bug report would hold, its turns and calls, its samples. */
export function sessionToSend(found: FoundSession, env: NodeJS.ProcessEnv): OtlpSession {
  const { place, root } = found;
  if (place.state === 'running')
    throw new CommandError(`${place.name} still runs. It can be exported when it has ended.`);
  const samples = new SampleStore();
  const reported = reportedSession(found, (snapshot) => samples.append(snapshot));
  const built = buildReport({ createdMs: Date.now(), environment: environmentFacts(undefined), sessions: [reported] });
  if (!built.ok) throw new CommandError(built.message);
  const transcript = transcriptOf(place.dir, reported.summary);
  const session = otlpSession({
    report: built.report,
    samples,
    cores: integerOf(reported.summary?.['cores']) ?? 1,
    turns: transcript === undefined ? [] : readTimedTurns(transcript),
    trace: traceContextFrom(reported.summary?.['trace']),
    recorder: recorderOf(reported.summary?.['recorder_id'], built.report.sessions[0]?.handle ?? ''),
    machine: openHandles(root).handleOf(root.path)(1),
    asked: askedAttributes(env, reported.summary),
  });
  if (session === undefined) throw new CommandError(`${place.name} does not say when it began and how long it took.`);
  return session;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

/** Of a session from before recorders said who they are its handle stands for its recorder. */
function recorderOf(value: unknown, handle: string): string {
  return typeof value === 'string' && UUID.test(value) ? value : handle;
}
