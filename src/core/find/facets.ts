import { nearestWord } from '../words/nearestWord.ts';
import { AGENT_KINDS, CAUSES, OUTCOMES, type AgentKind, type Cause, type Outcome } from '../words/vocabulary.ts';
import { causeWords, wordsOf } from '../words/vocabularyWords.ts';
import { agentWords } from './shownWords.ts';

/** What a facet can be asked for: a word of a vocabulary, and how a person reads it. */
interface FacetWord<W extends string> {
  readonly word: W;
  readonly shown: string;
}

const words = <W extends string>(all: readonly W[], shown: (word: W) => string): readonly FacetWord<W>[] =>
  all.map((word) => ({ word, shown: shown(word) }));

export const FACETS = {
  agent: words<AgentKind>(AGENT_KINDS, agentWords),
  // Where the cause is not known no list shows a word for it, but how the session ended.
  cause: words<Cause>(CAUSES, (cause) => (cause === 'unknown' ? 'Unknown' : causeWords(cause))),
  outcome: words<Outcome>(OUTCOMES, wordsOf),
} as const;
export type FacetName = keyof typeof FACETS;

export const FACET_NAMES = Object.keys(FACETS) as readonly FacetName[]; // the table's own keys

export type FacetValues =
  | { readonly ok: true; readonly words: ReadonlySet<string> }
  | { readonly ok: false; readonly problem: string };

/**
 * Those that are meant by what a person wrote: the vocabulary's word, the shown one or the beginning of either, whatever
 * stands between its parts; with commas, of several. A whole word means itself alone: `killed` is no `OOM-killed`.
 */
export function facetValues(name: FacetName, given: string): FacetValues {
  const found = new Set<string>();
  for (const part of given.split(',')) {
    if (plain(part) === '') continue;
    const meant = meantBy(name, plain(part));
    if (meant.length === 0) return { ok: false, problem: noSuchValue(name, part.trim()) };
    for (const word of meant) found.add(word);
  }
  return { ok: true, words: found };
}

function meantBy(name: FacetName, part: string): readonly string[] {
  const named = FACETS[name].map(({ word, shown }) => ({ word, names: [plain(word), plain(shown)] }));
  const whole = named.filter(({ names }) => names.includes(part));
  const meant = whole.length > 0 ? whole : named.filter(({ names }) => names.some((one) => one.startsWith(part)));
  return meant.map(({ word }) => word);
}

function noSuchValue(name: FacetName, part: string): string {
  const known: readonly string[] = FACETS[name].map(({ word }) => word);
  const near = nearestWord(plain(part).replaceAll(' ', '_'), known) ?? nearestShown(name, plain(part));
  const what = near === undefined ? `There are: ${known.join(', ')}.` : `Did you mean ${near}?`;
  return `There is no ${name} "${part.slice(0, 40)}". ${what}`;
}

function nearestShown(name: FacetName, part: string): string | undefined {
  const near = nearestWord(
    part,
    FACETS[name].map(({ shown }) => plain(shown)),
  );
  return FACETS[name].find(({ shown }) => plain(shown) === near)?.word;
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
}
