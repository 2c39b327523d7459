import { displayText } from '../words/displayText.ts';
import { humanKb } from '../words/humanUnits.ts';
import type { KilledFact, ProcessFact, StoryFacts, StoryLine } from './storyFacts.ts';
import { processWords } from './storyWords.ts';
import { waitChannelMeaning } from '../words/waitChannel.ts';
import type { Activity, Cause, VerdictDetail } from '../words/vocabulary.ts';

/** Who was biggest, where memory ended it; what it waited for, where it hung. */
export function whoLine(facts: StoryFacts): StoryLine | undefined {
  const killed = facts.killedForMemory.at(-1);
  if (killed !== undefined && facts.verdict.cause !== 'oom_kill')
    return told(killedText(killed), 'The kernel told of it.');
  if (isAboutMemory(facts)) return biggest(facts);
  return isAboutWaiting(facts) ? waitedFor(facts) : undefined;
}

function told(text: string, because: string): StoryLine {
  return { topic: 'who', text, quoted: [], because: [because] };
}

function killedText(killed: KilledFact): string {
  const { rssKb, limitKb } = killed;
  const used = rssKb === undefined ? '' : `, last seen with ${humanKb(rssKb)}`;
  const of = limitKb === undefined ? '' : ` (limit ${humanKb(limitKb)})`;
  return `The kernel killed ${processWords(killed)} for memory${used}${of}.`;
}

const OF_MEMORY: ReadonlySet<Cause> = new Set(['oom_kill', 'heap_limit']);
const MEMORY_DETAILS: ReadonlySet<VerdictDetail> = new Set(['memory_error', 'java_heap', 'v8_heap']);

function isAboutMemory({ verdict, forecast }: StoryFacts): boolean {
  if (OF_MEMORY.has(verdict.cause) || (verdict.detail !== undefined && MEMORY_DETAILS.has(verdict.detail))) return true;
  // A SIGKILL that nobody owns up to: how much there was speaks for or against the kernel.
  if (verdict.cause === 'killed') return !verdict.evidence.some(({ kind }) => kind === 'signal_sender');
  return forecast !== undefined && forecast.startsWith('Memory');
}

function biggest({ processes, isRunning }: StoryFacts): StoryLine | undefined {
  const known = processes.filter(({ rssKb }) => rssKb !== undefined && rssKb > 0);
  const first = known.toSorted((a, b) => (b.rssKb ?? 0) - (a.rssKb ?? 0))[0];
  if (first === undefined) return undefined;
  const used = humanKb(first.rssKb ?? 0);
  const all = known.reduce((sum, { rssKb }) => sum + (rssKb ?? 0), 0);
  const others = known.length === 1 ? '' : ` of the ${humanKb(all)} of ${known.length} processes`;
  const is = isRunning ? 'is' : 'was';
  const who =
    first.isTracked && first.command === undefined ? `The agent itself, ${processWords(first)},` : processWords(first);
  return told(
    `${who} ${is} the biggest process: ${used}${others}.`,
    'Resident memory in the last sample; what several processes share is counted in each.',
  );
}

const WAITS: ReadonlySet<Activity> = new Set(['idle', 'waiting_child', 'waiting_network', 'waiting_disk', 'stalled']);
const HUNG: ReadonlySet<Cause> = new Set(['timed_out', 'stopped', 'interrupted']);

function isAboutWaiting({ verdict, isRunning, call, silentSeconds }: StoryFacts): boolean {
  if (!isRunning) return HUNG.has(verdict.cause);
  const isQuiet = (silentSeconds ?? 0) >= 10 || call?.status === 'open';
  return isQuiet && verdict.activity !== undefined && WAITS.has(verdict.activity);
}

function waitedFor({ processes, isRunning }: StoryFacts): StoryLine | undefined {
  const waiting = processes.find(({ isWaitedFor }) => isWaitedFor);
  if (waiting === undefined) return undefined;
  const what = waitText(waiting, isRunning);
  return what === undefined ? undefined : told(`${processWords(waiting)} ${what}.`, 'As the last sample showed it.');
}

function waitText({ wchan }: ProcessFact, isRunning: boolean): string | undefined {
  if (wchan === undefined || wchan === '' || wchan === '0') return undefined;
  const meaning = waitChannelMeaning(wchan)?.replace(/^idle: /, '');
  const name = displayText(wchan, 60);
  if (meaning === undefined) return `${isRunning ? 'waits' : 'waited'} in ${name}`;
  return `${isRunning ? '' : 'was last seen like this: '}${isRunning ? meaning.replace(/^it /, '') : meaning} (${name})`;
}
