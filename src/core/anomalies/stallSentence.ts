import { humanSeconds } from '../words/humanUnits.ts';
import { integerOf, numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import { socketSentence } from '../words/socketCounts.ts';
import { TOOL_KINDS, wordOf } from '../words/vocabulary.ts';
import { wordsOf } from '../words/vocabularyWords.ts';
import { waitChannelMeaning } from '../words/waitChannel.ts';

/**
 * "No output and no CPU time for 12 min 0 s. node (pid 4301, sleeping): it waits for somebody to write into a pipe
 * (pipe_read). It has no network connection. Shell call open for 11 min 3 s."
 */
export function stallSentence(detail: JsonRecord): string {
  const quiet = numberOf(detail['quiet_seconds']);
  const callKind = wordOf(TOOL_KINDS, detail['open_call']);
  const callSeconds = numberOf(detail['open_call_seconds']);
  return [
    quiet === undefined ? 'No output and no CPU time.' : `No output and no CPU time for ${humanSeconds(quiet)}.`,
    ...waitingSentence(detail),
    ...(callKind === undefined || callSeconds === undefined
      ? []
      : [`${wordsOf(callKind)} call open for ${humanSeconds(callSeconds)}.`]),
  ].join(' ');
}

function waitingSentence(detail: JsonRecord): readonly string[] {
  const pid = integerOf(detail['waiting_pid']);
  if (pid === undefined) return [];
  const comm = stringOf(detail['waiting_comm']) ?? 'A process';
  const state = stringOf(detail['waiting_state']);
  const who = `${comm} (pid ${pid}${state === undefined ? '' : `, ${state}`})`;
  const sockets = socketSentence(detail);
  return [`${who}${channelWords(stringOf(detail['waiting_wchan']))}.`, ...(sockets === undefined ? [] : [sockets])];
}

function channelWords(wchan: string | undefined): string {
  if (wchan === undefined) return ': the kernel does not tell what it waits in';
  const meaning = waitChannelMeaning(wchan);
  return meaning === undefined ? ` waits in ${wchan}` : `: ${meaning} (${wchan})`;
}
