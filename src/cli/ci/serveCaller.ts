import { basename, dirname, resolve } from 'node:path';
import { buildReport } from '../../core/report/reportBuild.ts';
import { ciLines, ciMarkdown, type CiSystem } from '../../core/report/ciPages.ts';
import { ciParts, type CiEnd, type CiParts, type CiTexts } from '../../core/report/ciParts.ts';
import { junitXml } from '../../core/report/junitXml.ts';
import { stringOf } from '../../core/words/json.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { writeAtomically } from '../../logs/runningSession.ts';
import { findSession, readSummary } from '../../logs/sessionFiles.ts';
import { printedLast } from '../../sessions/printedLast.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { environmentFacts, reportedSession } from '../../sessions/reportedSession.ts';
import type { CommandContext } from '../command.ts';
import { writeBundle } from '../commands/bundle.ts';
import { verdictOfFound } from '../commands/verdict.ts';
import { CommandError } from '../failure.ts';
import { publicRedactor } from '../redactorFor.ts';
import { annotateBuildkite } from './annotateBuildkite.ts';
import { appendToSummary, endsMidLine } from './ciFiles.ts';
import { ciSystemFor } from './ciSystem.ts';
import { exitMapOf } from './exitMap.ts';

/** Whoever waits for `run`: what is printed goes to its stderr, behind all that the agent printed. */
export interface Caller {
  readonly print: (line: string) => void;
  /** `undefined`: the agent's own end stands. */
  readonly exitAs: (code: number | undefined) => void;
}

/**
 * What was asked for with a session's end, once it is published: what the caller waits for comes first. What cannot be done
 * costs a sentence, never the session or the agent's exit code.
 */
export async function serveCaller(context: CommandContext, root: LogRoot, id: string, caller: Caller): Promise<void> {
  const place = findSession(root, id);
  if (place === undefined) return;
  const found = { root, place };
  const attempt = async (step: () => void | Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      caller.print(`session-diagnostics: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await attempt(async () => {
    const { contract } = verdictOfFound(found);
    if (context.args.text('exit-map') !== undefined) caller.exitAs(exitMapOf(context.args).get(contract.blame));
    const end = { ...reportOf(found), verdict: contract, texts: textsOf(context, found) };
    const told = { found, parts: ciParts(end), caller };
    const system = ciSystemFor(context.args, context.env);
    if (system !== undefined) await attempt(() => tellSystem(context, system, told));
    await attempt(() => writeJunit(context, told.parts, end));
    await attempt(() => bundleFor(context, found));
    // Another program's, which asks its service: last.
    if (system === 'buildkite' && told.parts.isBad) await annotateBuildkite(context, found, ciMarkdown(told.parts));
  });
}

function reportOf(found: FoundSession): Pick<CiEnd, 'session'> {
  const sessions = [reportedSession(found)];
  const built = buildReport({ createdMs: Date.now(), environment: environmentFacts(undefined), sessions });
  if (!built.ok) throw new CommandError(built.message);
  const [session] = built.report.sessions;
  if (session === undefined) throw new CommandError('Nothing is known of this session.');
  return { session };
}

/** Commands and last words, for whoever asked for them: CI pages are often public. */
function textsOf(context: CommandContext, { place }: FoundSession): CiTexts | undefined {
  if (!context.args.isSet('ci-text')) return undefined;
  const redactor = publicRedactor(context);
  const redacted = (text: string): string => redactor.redact(text).text;
  const words = printedLast(place.dir)?.lines ?? [];
  return {
    command: redacted(stringOf(readSummary(place.dir)?.['skill_command']) ?? ''),
    lastWords: redacted(words.join('\n'))
      .split('\n')
      .filter((line) => line.trim() !== ''),
  };
}

interface Told {
  readonly found: FoundSession;
  readonly parts: CiParts;
  readonly caller: Caller;
}

function tellSystem(context: CommandContext, system: CiSystem, { found, parts, caller }: Told): void {
  const lines = ciLines(system, parts, Math.floor(Date.now() / 1000));
  // A command of a system's is one only at the beginning of a line.
  if (lines.length > 0 && endsMidLine(found.place.dir)) caller.print('');
  for (const line of lines) caller.print(line);
  const summary = context.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (system === 'github' && summary !== '') appendToSummary(resolve(context.cwd, summary), ciMarkdown(parts));
}

function writeJunit({ args, cwd }: CommandContext, parts: CiParts, end: CiEnd): void {
  const file = args.text('junit');
  if (file === undefined) return;
  const path = resolve(cwd, file);
  try {
    writeAtomically(dirname(path), basename(path), junitXml(parts, end));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    throw new CommandError(`${path} could not be written (${code}).`, { cause: error });
  }
}

async function bundleFor(context: CommandContext, found: FoundSession): Promise<void> {
  const file = context.args.text('bundle');
  if (file === undefined) return;
  await writeBundle(found, { form: 'private', out: () => resolve(context.cwd, file), replaces: true });
}
