import { nearestWord } from '../words/nearestWord.ts';
import { FACET_NAMES, facetValues, type FacetName } from './facets.ts';
import type { ListedFacts } from './listedFacts.ts';
import { DAY_GROUPS, dayGroupOf, searchedText } from './shownWords.ts';
import { msOfSince, SINCE_FORMS } from './sinceTime.ts';

/** What sessions are looked for by; the words of each facet are those of its vocabulary. */
export interface SessionQuery {
  readonly facets: Readonly<Partial<Record<FacetName, ReadonlySet<string>>>>;
  /** Those that ran since then. */
  readonly sinceMs: number | undefined;
  /** Each has to be found, in small letters. */
  readonly texts: readonly string[];
  /** What of it cannot be meant, for a person; then nothing is found. */
  readonly problems: readonly string[];
}

/** `agent:claude cause:oom since:7d failed "two words"`; what is no facet is a word to be found. */
export function sessionQuery(text: string, nowMs: number): SessionQuery {
  return joined(
    [...text.matchAll(/([a-z]+):(?:"([^"]*)"?|(\S*))|"([^"]*)"?|\S+/giu)].map((match) => partOf(match, nowMs)),
  );
}

/** The same from its parts, as flags name them. */
export function queryOf(
  parts: Readonly<Partial<Record<FacetName | 'since' | 'text', string>>>,
  nowMs: number,
): SessionQuery {
  const facets = FACET_NAMES.flatMap((name) => {
    const value = parts[name];
    return value === undefined ? [] : [facetPart(name, value)];
  });
  const since = parts.since === undefined ? [] : [sincePart(parts.since, nowMs)];
  return joined([...facets, ...since, sessionQuery(parts.text ?? '', nowMs)]);
}

/** Whether anything is looked for at all. */
export function isEmptyQuery({ facets, sinceMs, texts, problems }: SessionQuery): boolean {
  return Object.keys(facets).length + texts.length + problems.length === 0 && sinceMs === undefined;
}

/** A session as it is searched; its text is made when somebody searches, and kept. */
export interface Searched {
  readonly facts: ListedFacts;
  readonly text: string;
}

export function searched(makeFacts: () => ListedFacts): Searched {
  let facts: ListedFacts | undefined;
  let text: string | undefined;
  return {
    get facts() {
      return (facts ??= makeFacts());
    },
    get text() {
      return (text ??= searchedText(this.facts));
    },
  };
}

export function isFound(query: SessionQuery, session: Searched, nowMs: number): boolean {
  if (query.problems.length > 0) return false;
  if (query.sinceMs !== undefined && (session.facts.endMs ?? nowMs) < query.sinceMs) return false;
  for (const name of FACET_NAMES) {
    const wanted = query.facets[name];
    if (wanted !== undefined && !wanted.has(facetOf(session.facts, name))) return false;
  }
  return query.texts.every((word) => session.text.includes(word) || isOfDay(word, session.facts.startMs, nowMs));
}

const DAYS = DAY_GROUPS.map((name) => name.toLowerCase());

function isOfDay(word: string, startMs: number | undefined, nowMs: number): boolean {
  // Hardly any word is one of these, and days are reckoned with dates.
  return DAYS.some((day) => day.includes(word)) && dayGroupOf(startMs, nowMs).toLowerCase().includes(word);
}

function facetOf(facts: ListedFacts, name: FacetName): string {
  if (name === 'cause') return facts.outcome === 'running' ? '' : (facts.cause ?? 'unknown');
  return facts[name];
}

const NOTHING: SessionQuery = { facets: {}, sinceMs: undefined, texts: [], problems: [] };

function partOf([whole, name, quotedValue, bareValue = '', quoted]: RegExpMatchArray, nowMs: number): SessionQuery {
  if (name === undefined) return textPart(quoted ?? whole);
  const value = quotedValue ?? bareValue;
  const facet = FACET_NAMES.find((one) => one === name.toLowerCase());
  if (facet !== undefined) return facetPart(facet, value);
  if (name.toLowerCase() === 'since') return sincePart(value, nowMs);
  const meant = value.startsWith('/') ? undefined : nearName(name.toLowerCase());
  if (meant !== undefined) return { ...NOTHING, problems: [`There is no "${name}:". Did you mean ${meant}:?`] };
  return textPart(whole.replaceAll('"', ''));
}

function textPart(text: string): SessionQuery {
  return text.trim() === '' ? NOTHING : { ...NOTHING, texts: [text.trim().toLowerCase()] };
}

function nearName(name: string): string | undefined {
  return nearestWord(name, [...FACET_NAMES, 'since']);
}

function facetPart(name: FacetName, value: string): SessionQuery {
  const found = facetValues(name, value);
  if (!found.ok) return { ...NOTHING, problems: [found.problem] };
  return found.words.size === 0 ? NOTHING : { ...NOTHING, facets: { [name]: found.words } };
}

function sincePart(value: string, nowMs: number): SessionQuery {
  if (value === '') return NOTHING;
  const sinceMs = msOfSince(value, nowMs);
  return sinceMs === undefined
    ? { ...NOTHING, problems: [`"${value.slice(0, 40)}" is no time: ${SINCE_FORMS}.`] }
    : { ...NOTHING, sinceMs };
}

/** Of two facets of one name the later counts: it is what was typed last. */
function joined(parts: readonly SessionQuery[]): SessionQuery {
  return parts.reduce(
    (all, part) => ({
      facets: { ...all.facets, ...part.facets },
      sinceMs: part.sinceMs ?? all.sinceMs,
      texts: [...all.texts, ...part.texts],
      problems: [...all.problems, ...part.problems],
    }),
    NOTHING,
  );
}
