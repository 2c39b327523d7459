import { integerOf } from '../core/words/json.ts';
import { otlpSession } from '../telemetry/otlp/otlpSession.ts';
import { buildReport } from '../core/report/reportBuild.ts';
import { SampleStore } from '../core/panel/sampleStore.ts';
import { findSession, transcriptOf } from '../logs/sessionFiles.ts';
import { chosenRoot } from './chosenRoot.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import type { CommandContext } from './command.ts';
import { CommandError, UsageError } from './failure.ts';
import { loadBundle } from './loadBundle.ts';
import type * as OtlpBundle from '../telemetry/otlp/otlpBundle.ts';
import { environmentFacts, reportedSession } from '../sessions/reportedSession.ts';
import { readTimedTurns } from '../sessions/timedTurns.ts';

export const ENDPOINT_VARIABLE = 'SESSION_DIAGNOSTICS_OTLP_ENDPOINT';

/** Where sessions are sent to, checked; `undefined`, and nothing is sent, unless the user has said it. */
export function otlpEndpoint({ args, env }: Pick<CommandContext, 'args' | 'env'>): string | undefined {
  const flag = args.text('otlp-endpoint');
  const given = flag ?? env[ENDPOINT_VARIABLE] ?? '';
  if (given === '') return undefined;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given;
  const name = flag === undefined ? ENDPOINT_VARIABLE : '--otlp-endpoint';
  throw new UsageError(`${name} takes an http or https address, such as http://127.0.0.1:4318.`);
}

/** Sends one ended session: what its bug report would hold, its turns and calls as spans, its samples as metrics. */
export async function exportSession(found: FoundSession, endpoint: string, programPath: string): Promise<void> {
  const { place } = found;
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
  });
  if (session === undefined) throw new CommandError(`${place.name} does not say when it began and how long it took.`);
  const { sendOtlp } = await loadBundle<typeof OtlpBundle>(programPath, 'otlp');
  const sent = await sendOtlp(session, endpoint);
  if (!sent.ok) {
    throw new CommandError(
      `${place.name} could not be sent to ${new URL(endpoint).origin} (${sent.why}). Is an OpenTelemetry receiver there? Send it later: session-diagnostics export ${place.name}`,
    );
  }
}

/** For a recorder whose session has ended: what cannot be sent costs a sentence, never the session or its exit code. */
export async function exportEnded(context: CommandContext, id: string): Promise<void> {
  const { terminal, programPath } = context;
  try {
    const endpoint = otlpEndpoint(context);
    const root = chosenRoot(context);
    const place = endpoint === undefined ? undefined : findSession(root, id);
    if (endpoint !== undefined && place !== undefined) await exportSession({ root, place }, endpoint, programPath);
  } catch (error) {
    terminal.err(`session-diagnostics: ${error instanceof Error ? error.message : String(error)}`);
  }
}
