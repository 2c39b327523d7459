import type { Failures, FailureSource, Suspect } from '../session/failures.ts';
import type { Confidence, FailureCategory, Layer } from '../words/vocabulary.ts';
import { FAILURE_CATEGORIES, TOOL_KINDS } from '../words/vocabulary.ts';
import { callWords } from '../words/vocabularyWords.ts';

/** The layers a session's failures can point at. */
export type SuspectLayer = 'environment' | 'tool' | 'model' | 'lifecycle';

const LAYER_OF: Readonly<Record<FailureCategory, SuspectLayer | undefined>> = {
  network: 'environment',
  sandbox_approval: 'environment',
  missing_dependency: 'environment',
  timeout: 'environment',
  resource: 'environment',
  tool_schema: 'tool',
  command_exit: 'tool',
  background_job: 'lifecycle',
  model: 'model',
  unknown: undefined,
};

export function layerOf(category: FailureCategory | 'benign'): SuspectLayer | undefined {
  return category === 'benign' ? undefined : LAYER_OF[category];
}

/** The layer that an index line names as the suspect, where it does point at one. */
export function suspectedLayer(layer: string | null): string | undefined {
  return layer === null || layer === 'none' || layer === 'unknown' ? undefined : layer;
}

const PHRASES: Readonly<Record<FailureCategory, string>> = {
  network: 'network',
  sandbox_approval: 'sandbox',
  missing_dependency: 'missing dependency',
  timeout: 'timeout',
  resource: 'resource',
  tool_schema: 'tool schema',
  command_exit: 'command exit',
  background_job: 'background job',
  model: 'model',
  unknown: 'unknown',
};

/** As it stands in a sentence: "network or sandbox failures". */
export function categoryPhrase(category: FailureCategory): string {
  return PHRASES[category];
}

/** A rejected key is no cable: nobody shall look there. */
function phraseOf(category: FailureCategory, { sources = [] }: SuspectEvidence): string {
  const alike = sources.filter((source) => source.category === category);
  const isLogin = category === 'network' && alike.length > 0 && alike.every(({ detail }) => detail === 'auth');
  return isLogin ? 'login' : PHRASES[category];
}

/** What the session was doing when its log stopped. */
function openCallsIn({ sources = [] }: SuspectEvidence): string {
  const kinds = new Set(
    sources
      .filter(({ rule }) => rule === 'call_open_at_end' || rule === 'open_at_death')
      .flatMap(({ tool_kind }) => tool_kind ?? []),
  );
  const phrases = TOOL_KINDS.filter((kind) => kinds.has(kind)).map((kind) => callWords(kind));
  return phrases.length === 0 ? '' : ` (still open: ${phrases.join(', ')})`;
}

const OPENINGS: Readonly<Record<SuspectLayer, string>> = {
  environment: 'Environment suspect',
  tool: 'Tool suspect',
  model: 'Model suspect',
  lifecycle: 'Lifecycle suspect',
};

/** Without the counts that it rests on. */
export function suspectTitle(layer: Layer): string {
  if (layer === 'none') return 'No failures found in the log';
  return isSuspectLayer(layer) ? OPENINGS[layer] : TOO_LITTLE;
}

function isSuspectLayer(layer: Layer): layer is SuspectLayer {
  return Object.hasOwn(OPENINGS, layer);
}

/** What a suspicion rests on: counts and words of closed lists, so that its sentence can hold nothing else. */
export interface SuspectEvidence {
  readonly counts: Failures['counts'];
  /** Of these, how many were judged by more than a convention or a guess. */
  readonly firm: Failures['counts'];
  /** Turns and calls that never ended. */
  readonly unclosed: number;
  /** The failure that stopped the session: it outweighs what the session survived. */
  readonly ended_by?: FailureCategory | undefined;
  /** What the log was read from: where most of it could not be read, that nothing was found says nothing. */
  readonly lines?: { readonly total: number; readonly malformed: number };
  /** No turn or call was recognised in it: then that nothing was found says nothing either. */
  readonly isBlank?: boolean;
  /** The failures that are listed: which kinds of their categories they are, and which calls were open at the end. */
  readonly sources?: readonly FailureSource[];
}

const LAYERS: readonly SuspectLayer[] = ['environment', 'tool', 'model', 'lifecycle'];
/** Below this many failures a pattern is no pattern, unless one of them ended the session. */
const ENOUGH = 2;

function sumOf(counts: Failures['counts'], layer?: SuspectLayer): number {
  let sum = 0;
  for (const category of FAILURE_CATEGORIES) {
    if (layer === undefined || LAYER_OF[category] === layer) sum += counts[category] ?? 0;
  }
  return sum;
}

function categoriesOf(counts: Failures['counts'], layer: SuspectLayer): FailureCategory[] {
  return FAILURE_CATEGORIES.filter((category) => LAYER_OF[category] === layer && (counts[category] ?? 0) > 0).sort(
    (a, b) => (counts[b] ?? 0) - (counts[a] ?? 0),
  );
}

export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export const TOO_LITTLE = 'Too little evidence to suspect anything';
const UNKNOWN = { layer: 'unknown', confidence: 'possible', because: [] } as const satisfies Partial<Suspect>;

/** An empty file, another encoding, no log at all: half of the lines is more than any harness leaves damaged. */
function unreadPart(lines: SuspectEvidence['lines']): string | undefined {
  if (lines === undefined || lines.malformed * 2 < lines.total) return undefined;
  if (lines.total === 0) return 'the log is empty';
  return `${lines.malformed} of ${plural(lines.total, 'line')} of the log could not be read`;
}

/** Whom to suspect first, conservatively: firm evidence of one layer must make up at least half of all failures. */
export function suspectOf(evidence: SuspectEvidence): Suspect {
  const total = sumOf(evidence.counts);
  if (total === 0 && evidence.unclosed === 0) {
    const unread =
      unreadPart(evidence.lines) ??
      (evidence.isBlank === true ? 'no turn or call was recognised in the log' : undefined);
    if (unread !== undefined) return { ...UNKNOWN, sentence: `${TOO_LITTLE}: ${unread}.` };
    return { layer: 'none', confidence: 'likely', because: [], sentence: 'No failures found in the log.' };
  }
  const endedBy = evidence.ended_by === undefined ? undefined : LAYER_OF[evidence.ended_by];
  const layer = endedBy ?? strongestLayer(evidence, total);
  if (layer === undefined) return undecided(evidence, total);
  const because = categoriesOf(evidence.counts, layer);
  return {
    layer,
    confidence: confidenceIn(layer, evidence, total),
    because,
    sentence: sentenceFor(layer, because, evidence, total),
  };
}

function strongestLayer(evidence: SuspectEvidence, total: number): SuspectLayer | undefined {
  const ranked = LAYERS.map((layer) => ({ layer, firm: sumOf(evidence.firm, layer) })).sort((a, b) => b.firm - a.firm);
  const [first, second] = ranked;
  if (first === undefined || second === undefined || first.firm < ENOUGH || first.firm === second.firm)
    return undefined;
  return first.firm * 2 >= total ? first.layer : undefined;
}

function confidenceIn(layer: SuspectLayer, evidence: SuspectEvidence, total: number): Confidence {
  if (evidence.ended_by !== undefined) return 'likely';
  const firm = sumOf(evidence.firm, layer);
  return firm >= 3 && firm * 3 >= total * 2 ? 'likely' : 'possible';
}

/** Where all failures point at one layer, the doubt is not between layers but in the evidence. */
function onlyLayer(evidence: SuspectEvidence, total: number): SuspectLayer | undefined {
  return LAYERS.find((layer) => sumOf(evidence.counts, layer) === total);
}

function undecided(evidence: SuspectEvidence, total: number): Suspect {
  const unclosed = `${evidence.unclosed} unclosed ${evidence.unclosed === 1 ? 'turn or call' : 'turns or calls'}`;
  if (total === 0) {
    return {
      layer: 'lifecycle',
      confidence: 'possible',
      because: [],
      sentence: `Lifecycle suspect: nothing failed, but the log has ${unclosed}${openCallsIn(evidence)}.`,
    };
  }
  const found = FAILURE_CATEGORIES.filter((category) => (evidence.counts[category] ?? 0) > 0).map(
    (category) => `${evidence.counts[category] ?? 0} ${phraseOf(category, evidence)}`,
  );
  const layer = onlyLayer(evidence, total);
  const sure = layer === undefined ? 0 : sumOf(evidence.firm, layer);
  const isGuessed = layer !== undefined && total >= ENOUGH;
  const opening = isGuessed
    ? `Too little evidence to suspect the ${layer}`
    : total < ENOUGH
      ? TOO_LITTLE
      : 'No clear suspect';
  const doubt = isGuessed ? `, ${sure === 0 ? 'none' : `only ${sure}`} of them for sure` : '';
  const open = evidence.unclosed === 0 ? '' : ` and ${unclosed}${openCallsIn(evidence)}`;
  return { ...UNKNOWN, sentence: `${opening}: ${plural(total, 'failure')} (${found.join(', ')})${doubt}${open}.` };
}

function sentenceFor(
  layer: SuspectLayer,
  because: readonly FailureCategory[],
  evidence: SuspectEvidence,
  total: number,
): string {
  const count = sumOf(evidence.counts, layer);
  const kinds = listed(because.map((category) => phraseOf(category, evidence)));
  const ended = evidence.ended_by === undefined ? undefined : phraseOf(evidence.ended_by, evidence);
  // A model that called tools wrongly, or a mere guess, clears nobody.
  const { model = 0, tool_schema: misused = 0 } = evidence.counts;
  const isCleared =
    layer === 'environment' && model + misused === 0 && confidenceIn(layer, evidence, total) === 'likely';
  const absolved = isCleared ? '; the model was not at fault' : '';
  if (total === 1 && ended !== undefined) {
    return `${OPENINGS[layer]}: the only failure, a ${ended} failure, ended the session${absolved}.`;
  }
  const verb = count === 1 ? `is a ${kinds} failure` : `are ${kinds} failures`;
  const end = ended === undefined ? '' : `, and the session ended with a ${ended} failure`;
  return `${OPENINGS[layer]}: ${count} of ${plural(total, 'failure')} ${verb}${end}${absolved}.`;
}
