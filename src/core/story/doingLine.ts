import { humanSeconds } from '../words/humanUnits.ts';
import type { CallFact, FailureFact, StoryFacts, StoryLine } from './storyFacts.ts';
import { commandWords, firstLine, sentence } from './storyWords.ts';
import { callWords, detailWords, wordsOf } from '../words/vocabularyWords.ts';

/** What it was doing: the call that was open, the failure that ended it, or its last call. Nothing after a good end. */
export function doingLine(facts: StoryFacts): StoryLine | undefined {
  const { call, failure, isRunning, verdict } = facts;
  if (!isRunning && verdict.cause === 'completed') return undefined;
  if (call?.status === 'open') return isRunning ? openSince(call) : line(call, openText(call));
  if (failure?.isLast === true) return line(failure, failureText(failure));
  return call === undefined ? undefined : line(call, lastText(call, isRunning));
}

function line({ handle }: CallFact | FailureFact, text: string): StoryLine {
  return {
    topic: 'doing',
    text,
    quoted: [],
    because: ["It stands in the agent's own log."],
    ...(handle !== undefined && { handle }),
  };
}

function asked({ asked: command }: CallFact | FailureFact): string {
  return command === undefined ? '' : `: ${commandWords(command)}`;
}

/** Its first line has told the call; this one tells since when. */
function openSince(call: CallFact): StoryLine | undefined {
  if (call.seconds === undefined) return undefined;
  return line(call, `The call has been open for ${humanSeconds(call.seconds)}.`);
}

function openText(call: CallFact): string {
  const since = call.seconds === undefined ? '' : `, open for ${humanSeconds(call.seconds)}`;
  return `It was in ${callWords(call.tool_kind)}${since}${asked(call)}.`;
}

function failureText(failure: FailureFact): string {
  const why = detailWords(failure.category, failure.detail) ?? wordsOf(failure.category);
  const said = failure.answer === undefined ? '' : `: ${firstLine(failure.answer)}`;
  if (failure.asked === undefined) return `Its last step failed (${why.toLowerCase()})${said}`;
  return `Its last step failed (${why.toLowerCase()}): ${commandWords(failure.asked)}${said}`;
}

function lastText(call: CallFact, isRunning: boolean): string {
  const ago = call.seconds === undefined ? '' : ` ended ${humanSeconds(call.seconds)} ${isRunning ? 'ago' : 'before'}`;
  const how = call.status === 'failed' ? `${ago === '' ? '' : `${ago} and`} failed` : ago;
  const said = call.status === 'failed' && call.answer !== undefined ? ` ${firstLine(call.answer)}` : '';
  return sentence(`its last call, ${callWords(call.tool_kind)},${how === '' ? ' was' : how}${asked(call)}.${said}`);
}
