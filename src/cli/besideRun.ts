import { constants } from 'node:os';
import { readFileSync } from 'node:fs';
import { secretsOfEnvironment } from '../core/privacy/redact.ts';
import { editorLink, printable } from './terminal.ts';
import { readStory } from '../sessions/readStory.ts';
import { findSession, readSummary } from '../logs/sessionFiles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { BAD_OUTCOMES } from '../core/words/vocabulary.ts';
import { msFromIso } from '../core/words/time.ts';
import { clippedText } from '../core/words/displayText.ts';
import { traceContextFrom, type TraceContext } from '../core/words/traceContext.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import { LAUNCHER_FDS, LauncherLink } from '../recorder/run/launcherLink.ts';
import { recordBeside, type LaunchedAgent } from '../recorder/session/recordBeside.ts';
import type { Arguments } from './arguments.ts';
import { ciSystemFor, isServed } from './ci/ciSystem.ts';
import { serveCaller } from './ci/serveCaller.ts';
import { chosenRoot, recordingSwitchedOff } from './chosenRoot.ts';
import type { CommandContext } from './command.ts';
import { exportEnded } from './exportSession.ts';
import { exitCarrierOf } from './exitCarrierOf.ts';
import { tellEnd } from './commands/onEnd.ts';
import { nativeProgram } from './launcher.ts';
import { redactorFor } from './redactorFor.ts';
import { keepNewest, runSettings } from './runSettings.ts';

/** How the launcher starts the recorder that goes beside it: `run --beside ...`; never a person's. */
export const BESIDE_FLAGS = {
  beside: { type: 'boolean' },
  cwd: { type: 'string' },
  'agent-pid': { type: 'string' },
  'agent-start': { type: 'string' },
  'launcher-pid': { type: 'string' },
  'launched-at': { type: 'string' },
  'launch-error': { type: 'string' },
  trace: { type: 'string' },
  'captures-stdout': { type: 'boolean' },
  'captures-stderr': { type: 'boolean' },
  'captures-one': { type: 'boolean' },
  'limit-group': { type: 'string', multiple: true },
} as const;

/** Our stdout and stderr are nobody's: what there is to say goes to the launcher, which knows whether anybody listens. */
export async function runBeside(given: CommandContext): Promise<number> {
  outliveSignals();
  const { args } = given;
  const link = new LauncherLink(LAUNCHER_FDS.control);
  const context: CommandContext = {
    ...given,
    cwd: args.text('cwd') ?? given.cwd,
    command: readFileSync(LAUNCHER_FDS.command, 'utf8').split('\0').slice(0, -1),
    terminal: { ...given.terminal, err: (text) => link.tell(text) },
  };
  const switchedOff = recordingSwitchedOff(context);
  if (switchedOff !== undefined) {
    link.tell(`session-diagnostics: ${switchedOff}`);
    link.recordNothing();
    link.close();
    return 0;
  }
  const settings = runSettings(context);
  const root = chosenRoot(context);
  const published = await recordBeside({
    ...settings,
    root,
    command: context.command,
    cwd: context.cwd,
    env: context.env,
    agent: launchedAgent(args),
    isDetached: args.isSet('detach'),
    redactor: redactorFor(context),
    redactedSecrets: args.isSet('redact-output') ? secretsOfEnvironment(context.env) : undefined,
    surroundings: context,
    exitCarrier: exitCarrierOf(context),
    trace: toldTrace(args),
    link,
    native: nativeProgram(context.programPath, context.env),
  });
  if (published?.ok === true) {
    const line = badEndLine(context, root, settings.id);
    if (line !== undefined) link.tell(line);
    if (isServed(args, context.env)) {
      await serveCaller(context, root, settings.id, {
        print: (text) => link.print(text),
        exitAs: (code) => link.exitAs(code),
      });
    }
    await tellEnd(context, root, settings.id);
    await exportEnded(context, settings.id);
    keepNewest(context, root, settings.maxSessions);
  }
  link.published();
  link.close();
  return 0;
}

/** The launcher's `--trace=TRACE-SPAN-PARENT-FLAGS`; sixteen zeros for no parent. */
function toldTrace(args: Arguments): TraceContext | undefined {
  const [trace_id, span_id, parent_span_id, flags] = args.text('trace')?.split('-') ?? [];
  return traceContextFrom({ trace_id, span_id, parent_span_id, flags });
}

function launchedAgent(args: Arguments): LaunchedAgent {
  const errno = args.number('launch-error', 0) ?? 0;
  return {
    pid: args.number('agent-pid', 0) ?? 0,
    startTicks: args.number('agent-start', 0) || undefined,
    atMs: args.number('launched-at', 0) ?? Date.now(),
    error: errno === 0 ? undefined : errnoName(errno),
    launcherPid: args.number('launcher-pid', 0) ?? 0,
    capture: {
      stdout: args.isSet('captures-stdout'),
      stderr: args.isSet('captures-stderr'),
      isOne: args.isSet('captures-one'),
    },
  };
}

function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? 'UNKNOWN';
}

const MAX_CHARACTERS = 400;

/**
 * What `run` says on a terminal once its session has ended badly; nothing of one that went well or was stopped. Some CI
 * systems give a job a terminal, which others read: there only what `ci` says, in words that may leave the machine.
 */
export function badEndLine({ args, env }: CommandContext, root: LogRoot, id: string): string | undefined {
  if (ciSystemFor(args, env) !== undefined) return undefined;
  const place = findSession(root, id);
  const verdict = place && sessionVerdict({ isRunning: false, summary: readSummary(place.dir) });
  if (place === undefined || verdict === undefined || !BAD_OUTCOMES.has(verdict.outcome)) return undefined;
  const text = readStory({ root, place }, Date.now())[0]?.text;
  if (text === undefined) return undefined;
  const link = editorLink(env, { id, atMs: msFromIso(readSummary(place.dir)?.['end_ts']) });
  const more = `session-diagnostics show ${id}${link === undefined ? '' : ` or ${link}`}`;
  return `session-diagnostics: ${clippedText(printable(text), MAX_CHARACTERS)} More: ${more}`;
}

/** Node listens to them on most systems; what is sent to a group, or meant for the agent, must not end who records it. */
const SURVIVED = [
  'SIGTERM',
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR2',
  'SIGALRM',
  'SIGVTALRM',
  'SIGXCPU',
  'SIGIO',
  'SIGPWR',
  'SIGSTKFLT',
  'SIGWINCH',
] as const;

function outliveSignals(): void {
  for (const signal of SURVIVED) process.on(signal, () => undefined);
}
