import { evidenceSentence } from '../death/evidenceWords.ts';
import { ACTIVITY, DETAIL_CLAUSES, happenedSentence, unfinishedSentence } from '../death/verdictSentence.ts';
import { displayText } from '../words/displayText.ts';
import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import type { FailureFact, StoryFacts, StoryLine } from './storyFacts.ts';
import { commandWords, sentence } from './storyWords.ts';
import { VERDICT_DETAILS, wordOf } from '../words/vocabulary.ts';
import { callWords, detailWords } from '../words/vocabularyWords.ts';
import type { Evidence } from '../session/verdict.ts';

/** What ended it or, of a session that runs, what it does. */
export function endLine(facts: StoryFacts): StoryLine {
  const { verdict } = facts;
  const because = verdict.evidence.map((item) => evidenceSentence(item));
  const text = facts.isRunning ? runningText(facts) : endedText(facts);
  return { topic: 'end', text: displayText(text, 600), quoted: [], because };
}

const HEDGES = { certain: '', likely: 'probably ', possible: 'perhaps ' } as const;

function endedText(facts: StoryFacts): string {
  const { verdict } = facts;
  const hedge = HEDGES[verdict.confidence];
  if (verdict.outcome === 'running') return 'The recording was stopped; the process went on.';
  if (verdict.cause === 'oom_kill') return sentence(`${hedge}out of memory: the kernel killed ${oomText(facts)}.`);
  if (verdict.cause === 'completed') {
    const took = facts.durationSeconds === undefined ? '' : ` after ${humanSeconds(facts.durationSeconds)}`;
    return `Completed${took}.`;
  }
  if (verdict.cause === 'exit_nonzero') return failedText(facts, hedge);
  if (verdict.cause === 'timed_out' && facts.timeoutSeconds !== undefined) {
    return sentence(`${hedge}ended at its time limit of ${humanSeconds(facts.timeoutSeconds)}.`);
  }
  const why = verdict.detail === undefined ? '' : `: ${DETAIL_CLAUSES[verdict.detail]}`;
  const happened = unfinishedSentence(verdict, hedge) ?? sentence(`${hedge}${lowerFirst(happenedSentence(verdict))}`);
  return `${happened}${why}.`;
}

/** That it exited so is seen; only why may be a guess. */
function failedText(facts: StoryFacts, hedge: string): string {
  const { verdict, killedForMemory, failure } = facts;
  const code = facts.exitCode ?? verdict.evidence.find(({ kind }) => kind === 'exit_status')?.value;
  const failed = code === undefined ? 'Failed' : `Failed with exit code ${code}`;
  if (verdict.detail !== undefined) return `${failed}: ${hedge}${DETAIL_CLAUSES[verdict.detail]}.`;
  if (killedForMemory.length > 0) return `${failed} after the kernel had killed one of its processes for memory.`;
  if (code === 127) return `${failed}: probably a program was not found.`;
  if (code === 126) return `${failed}: probably a program could not be executed.`;
  const why = failure?.hasEndedIt === true ? whyOf(failure) : undefined;
  return why === undefined ? `${failed}.` : `${failed}: probably ${why}.`;
}

/** A failure's kind as a clause: in the words of the verdict where it has some. */
function whyOf({ category, detail }: Pick<FailureFact, 'category' | 'detail'>): string | undefined {
  const own = wordOf(VERDICT_DETAILS, category === 'missing_dependency' ? `missing_${detail}` : detail);
  if (own !== undefined) return DETAIL_CLAUSES[own];
  const words = detailWords(category, detail);
  return words === undefined ? undefined : lowerFirst(words);
}

/** "claude (pid 24780) at 372 of 400 MiB, the limit of its container" */
function oomText({ verdict, memory, peakTreeKb }: StoryFacts): string {
  const logged = verdict.evidence.find(({ kind, value }) => kind === 'kernel_log' && value === undefined);
  const who = logged === undefined ? 'it' : `${displayText(logged.name ?? 'it', 40)}${pidText(logged)}`;
  const pressed = verdict.evidence.find(({ name }) => name === 'cgroup_memory_kb');
  const used = pressed?.value ?? memory?.usedKb;
  const limit = pressed?.limit ?? memory?.limitKb;
  if (used !== undefined && limit !== undefined) {
    return `${who} at ${humanKb(Math.min(used, limit))} of ${humanKb(limit)}, the limit of its container`;
  }
  return peakTreeKb === undefined || peakTreeKb === 0
    ? who
    : `${who}; it and its processes had used ${humanKb(peakTreeKb)}`;
}

function pidText({ pid }: Evidence): string {
  return pid === undefined ? '' : ` (pid ${pid})`;
}

/** Shorter, and nobody has to be told. */
const SILENT_SECONDS = 60;

function runningText(facts: StoryFacts): string {
  const { forecast, silentSeconds, call, verdict } = facts;
  if (forecast !== undefined) return forecast;
  const isSilent = silentSeconds !== undefined && silentSeconds >= SILENT_SECONDS;
  const silence = isSilent ? `Silent for ${humanSeconds(silentSeconds)}` : 'Running';
  if (call?.status === 'open') {
    const command = call.asked === undefined ? '' : `: ${commandWords(call.asked)}`;
    return `${silence}, in ${callWords(call.tool_kind)}${command}.`;
  }
  const does = verdict.activity === undefined ? undefined : ACTIVITY[verdict.activity];
  return does === undefined ? `${silence}.` : `${silence}: ${does}.`;
}

/** A name or an abbreviation keeps its form. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}
