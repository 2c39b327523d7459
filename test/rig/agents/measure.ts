import { join } from 'node:path';
import { failuresFrom } from '../../../src/core/session/readFailures.ts';
import type { Failures } from '../../../src/core/session/failures.ts';
import { verdictFrom } from '../../../src/core/session/verdict.ts';
import { removeRun, runSituation, type Part, type Run } from './runSituation.ts';
import { added, linesOf, NO_SCORE, scoreLog, type LogScore, type Score } from './scoreLog.ts';
import { isOfService, type Ending } from './situations.ts';

export interface Share {
  readonly right: number;
  readonly all: number;
}

export interface AgentScore {
  readonly log: Score;
  readonly stream: Score;
  readonly logsFound: Share;
  readonly serverTold: Share;
  readonly openTold: Share;
  readonly verdicts: Share;
  readonly remarks: readonly string[];
}

export interface RunScore extends AgentScore {
  readonly formats: string;
}

const NOTHING: Share = { right: 0, all: 0 };
const share = (isAsked: boolean, isRight: boolean): Share => ({ right: Number(isRight), all: Number(isAsked) });
const plus = (a: Share, b: Share): Share => ({ right: a.right + b.right, all: a.all + b.all });

export const LOG_NOT_FOUND = 'its own log was not found';

export const NO_AGENT_SCORE: AgentScore = {
  log: NO_SCORE,
  stream: NO_SCORE,
  logsFound: NOTHING,
  serverTold: NOTHING,
  openTold: NOTHING,
  verdicts: NOTHING,
  remarks: [],
};

export function plusRun(sum: AgentScore, run: AgentScore): AgentScore {
  return {
    log: added(sum.log, run.log),
    stream: added(sum.stream, run.stream),
    logsFound: plus(sum.logsFound, run.logsFound),
    serverTold: plus(sum.serverTold, run.serverTold),
    openTold: plus(sum.openTold, run.openTold),
    verdicts: plus(sum.verdicts, run.verdicts),
    remarks: [...sum.remarks, ...run.remarks],
  };
}

/** One situation, run and scored; the folder is removed unless somebody wants to look at it. */
export async function measureRun(part: Part, isKept = false): Promise<RunScore> {
  const run = await runSituation(part);
  try {
    return scoreRun(run);
  } finally {
    if (!isKept) removeRun(run);
  }
}

export function scoreRun({ session, summary, labels, marks, hasGoneOn, situation }: Run): RunScore {
  const { name } = situation;
  const ending: Ending = hasGoneOn ? { type: 'answer' } : situation.ending;
  const path = typeof summary['transcript'] === 'string' ? summary['transcript'] : undefined;
  const printed = join(session, 'stdout.log');
  const isOwn = path !== undefined && path !== printed;
  const failures = failuresFrom(summary['failures']);
  const isSignalled = ending.type === 'signal';
  // What the service said before anything was asked for, and what was open at a kill, is scored by itself.
  const asked = ending.type === 'gone' ? [] : isSignalled ? labels.slice(0, -1) : labels;
  const log = isOwn ? scoreLog(linesOf(path), asked, isSignalled) : undefined;
  const lines = linesOf(printed);
  const stream = scoreLog(lines, asked, isSignalled, heldIn(lines, marks));
  const isTold = toldService(failures, ending);
  const isOpenTold = failures?.sources.some(({ rule }) => /^(?:call_open|open_at|killed_for|turn_open)/.test(rule));
  const verdict = verdictRight(summary, ending);
  const isService = isOfService(ending);
  return {
    formats: `${log?.format ?? '-'} ${stream.format}`,
    log: log === undefined ? NO_SCORE : withExtras(log, ending),
    stream: withExtras(stream, ending),
    logsFound: share(true, isOwn),
    serverTold: share(isService, isService && isTold),
    openTold: share(isSignalled, isSignalled && isOpenTold === true),
    verdicts: share(true, verdict.isRight),
    remarks: [
      ...(isOwn ? [] : [LOG_NOT_FOUND]),
      ...(log?.misses ?? []).map((miss) => `log, ${miss}`),
      ...stream.misses.map((miss) => `stream, ${miss}`),
      ...extras(log, ending).map((extra) => `log, false alarm: ${extra}`),
      ...extras(stream, ending).map((extra) => `stream, false alarm: ${extra}`),
      ...(isService && !isTold ? [`service failure not told: ${failures?.suspect.sentence ?? 'no failures'}`] : []),
      ...(isSignalled && isOpenTold !== true ? ['the open call is not told'] : []),
      ...(verdict.isRight ? [] : [`verdict ${verdict.said}`]),
    ].map((remark) => `${name}: ${remark}`),
  };
}

/** A stream may tell less than the agent did: it is scored by the calls that it holds. */
function heldIn(lines: readonly string[], marks: readonly string[]): ReadonlySet<number> {
  const text = lines.join('\n');
  const isHeld = (mark: string, i: number): boolean =>
    text.includes(`call_${String(i).padStart(2, '0')}`) || (mark !== '' && text.includes(mark));
  return new Set(marks.flatMap((mark, i) => (isHeld(mark, i) ? [i] : [])));
}

/** Told outside any call where the service was well and the agent ended by itself: nothing was wrong there. */
function extras(log: LogScore | undefined, ending: Ending): string[] {
  if (log === undefined || isOfService(ending) || ending.type === 'signal') return [];
  return log.outside.map(({ category, rule, line }) => `${category} ${rule} at line ${line}`);
}

function withExtras(log: LogScore, ending: Ending): Score {
  const { failures, detected, accepted, best, benign, falseAlarms } = log;
  return { failures, detected, accepted, best, benign, falseAlarms: falseAlarms + extras(log, ending).length };
}

function toldService(failures: Failures | undefined, ending: Ending): boolean {
  const isRejected = ending.type === 'status' && [400, 404].includes(ending.status);
  const right = isRejected ? ['model', 'network'] : ['network'];
  return failures?.sources.some(({ category }) => right.includes(category)) === true;
}

function verdictRight(summary: Run['summary'], ending: Ending): { readonly isRight: boolean; readonly said: string } {
  const verdict = verdictFrom(summary['verdict']);
  const said = `${verdict?.outcome} ${verdict?.cause} ${verdict?.layer} ${verdict?.confidence}, exit code ${String(summary['exit_code'])}`;
  const outcome = verdict?.outcome ?? 'unknown';
  if (ending.type === 'answer' || ending.type === 'recovers') return { isRight: outcome === 'succeeded', said };
  if (ending.type === 'signal') return { isRight: ['died', 'incomplete', 'failed', 'stopped'].includes(outcome), said };
  // Some ask for ever, until the limit of the run ends them.
  return { isRight: ['failed', 'incomplete'].includes(outcome) || verdict?.cause === 'timed_out', said };
}
