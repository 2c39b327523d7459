import { displayText } from '../../src/core/words/displayText.ts';
import type { CallText } from '../../src/core/session/call.ts';
import type { Failures, FailureSource } from '../../src/core/session/failures.ts';
import type { Overview } from '../../src/core/panel/sessionView.ts';
import { CAPTURED_OUTPUT } from '../../src/core/words/agentTable.ts';
import { suspectedLayer } from '../../src/core/failures/suspect.ts';
import { msFromIso } from '../../src/core/words/time.ts';
import { FAILURE_CATEGORIES, type FailureCategory } from '../../src/core/words/vocabulary.ts';
import { categoryWords, detailWords, openWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { element, Section, setShown } from '../parts/element.ts';
import { momentOf } from '../parts/timeFormat.ts';
import { button } from '../parts/toolkit.ts';

const MOST_SOURCES = 100;

/** Whom the transcript's failures point at: the sentence, the counts behind it, and where each one stands. */
export class SuspectCard {
  readonly element = element('section', { class: 'card suspect', attributes: { 'aria-label': 'Failures' } });
  readonly #section: Section<CardContent>;
  #failures: Failures | undefined;
  #texts: Overview['failureTexts'] = [];
  #replayMs: number | undefined;
  /** Failures that had been logged by the instant shown. */
  #soFar: number | undefined;

  constructor(onOpenHandle: (handle: string) => void, onLink: () => void) {
    this.#section = new Section(this.element, (content) =>
      content.failures === undefined ? unlinked(onLink) : cardOf(content.failures, content, onOpenHandle),
    );
  }

  update({ failures, failureTexts, row }: Overview): void {
    const isUnlinked = failures === undefined && !row.isRunning && row.outcome !== 'succeeded' && row.agent !== 'other';
    const hasFailures = failures !== undefined && (failures.sources.length > 0 || failures.suspect.layer !== 'none');
    setShown(this.element, hasFailures || isUnlinked);
    this.#failures = failures;
    this.#texts = failureTexts.slice(0, MOST_SOURCES);
    this.#soFar = this.#countSoFar();
    this.#section.update({ failures, failureTexts: this.#texts, soFar: this.#soFar });
  }

  /** In a replay: whom the failures point at is known at the end only; until then they are counted. */
  setReplayPoint(ms: number | undefined): void {
    this.#replayMs = ms;
    const soFar = this.#countSoFar();
    if (soFar === this.#soFar) return;
    this.#soFar = soFar;
    this.#section.update({ failures: this.#failures, failureTexts: this.#texts, soFar });
  }

  #countSoFar(): number | undefined {
    const ms = this.#replayMs;
    if (ms === undefined || this.#failures === undefined) return undefined;
    const later = this.#failures.sources.findIndex(({ ts }) => (msFromIso(ts) ?? 0) > ms);
    return later < 0 ? this.#failures.sources.length : later;
  }
}

interface CardContent extends Pick<Overview, 'failures' | 'failureTexts'> {
  /** `undefined`: all of them. */
  readonly soFar: number | undefined;
}

/** Without the agent's log nobody can say whether the model or its surroundings failed. */
function unlinked(onLink: () => void): readonly HTMLElement[] {
  return [
    element('h2', { text: 'No agent log' }),
    element('p', { text: 'The agent’s own log was not found, so its failures are not known.' }),
    button({ label: 'Link agent log…', onClick: onLink }),
  ];
}

function cardOf(
  failures: Failures,
  { failureTexts, soFar }: CardContent,
  onOpenHandle: (handle: string) => void,
): readonly HTMLElement[] {
  const { suspect, counts } = failures;
  const sources = failures.sources.slice(0, soFar);
  const countOf = (category: FailureCategory) =>
    soFar === undefined ? (counts[category] ?? 0) : sources.filter((source) => source.category === category).length;
  const most = Math.max(1, ...Object.values(counts));
  const found = FAILURE_CATEGORIES.filter((category) => (counts[category] ?? 0) > 0).sort(
    (a, b) => (counts[b] ?? 0) - (counts[a] ?? 0),
  );
  const bars = found.map((category) => {
    const count = countOf(category);
    const fill = element('span', { class: 'bar-fill' });
    fill.style.width = `${(count / most) * 100}%`;
    return element('li', {}, [
      element('span', { class: 'bar-label', text: categoryWords(category) }),
      element('span', { class: 'bar' }, [fill]),
      element('span', { class: 'bar-count', text: String(count) }),
    ]);
  });
  return [
    ...headOf(failures, soFar),
    element('ul', { class: `bars layer-${suspect.layer}` }, bars),
    element('p', { class: 'quiet', text: rangeOf(failures) }),
    element('details', {}, [
      element('summary', {
        text: `${failures.format === CAPTURED_OUTPUT ? 'In its output' : 'In the agent’s log'} (${sources.length})`,
      }),
      element(
        'ul',
        { class: 'sources' },
        sources.slice(0, MOST_SOURCES).map((source, at) => sourceItem(source, failureTexts[at], onOpenHandle)),
      ),
      sources.length > MOST_SOURCES
        ? element('p', { class: 'quiet', text: `${sources.length - MOST_SOURCES} more are in summary.json.` })
        : undefined,
    ]),
  ];
}

function headOf({ suspect, sources }: Failures, soFar: number | undefined): readonly HTMLElement[] {
  const isOneNamed = suspectedLayer(suspect.layer) !== undefined;
  const title = isOneNamed && soFar === undefined ? `${wordsOf(suspect.layer)} suspect` : 'Failures';
  // How sure one is of suspecting nobody is no news.
  const confidence = isOneNamed ? ` (${suspect.confidence})` : '';
  const sentence =
    soFar === undefined
      ? displayText(withoutHeading(suspect.sentence, title)) + confidence
      : `${soFar} of ${sources.length} failures so far.`;
  return [element('h2', { text: title }), element('p', { class: 'suspect-sentence', text: sentence })];
}

/** The heading says it already. */
function withoutHeading(sentence: string, title: string): string {
  const rest = sentence.startsWith(`${title}: `) ? sentence.slice(title.length + 2) : sentence;
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

function rangeOf({ first_ts, last_ts, total_lines, malformed_lines }: Failures): string {
  const [first, last] = [msFromIso(first_ts), msFromIso(last_ts)];
  const when = first === undefined || last === undefined ? '' : `${momentOf(first)} to ${momentOf(last)} · `;
  const damaged = malformed_lines === 0 ? '' : `, ${malformed_lines.toLocaleString('en')} damaged`;
  return `${when}${total_lines.toLocaleString('en')} line${total_lines === 1 ? '' : 's'} read${damaged}`;
}

function sourceItem(
  source: FailureSource,
  told: CallText | null | undefined,
  onOpenHandle: (handle: string) => void,
): HTMLElement {
  const ms = msFromIso(source.ts);
  const open = openWords(source.rule);
  const facts = [
    open === undefined
      ? (detailWords(source.category, source.detail) ?? categoryWords(source.category))
      : wordsOf(open),
    ...(told?.asked !== undefined || source.tool_kind === undefined ? [] : [`${source.tool_kind} call`]),
    ...(source.exit_code === undefined ? [] : [`exit code ${source.exit_code}`]),
    ...(ms === undefined ? [] : [momentOf(ms)]),
  ];
  return element('li', {}, [
    ...textsOf(source, told),
    element('span', { class: 'quiet', text: facts.join(' · ') }),
    button({
      label: `Line ${source.line}`,
      description: `Open line ${source.line} of the agent’s log`,
      onClick: () => onOpenHandle(source.handle),
    }),
  ]);
}

/** The command and what it said, as a terminal would show them. */
function textsOf(source: FailureSource, told: CallText | null | undefined): readonly HTMLElement[] {
  const { asked, answer } = told ?? {};
  const said = answer
    ?.split('\n')
    .map((line) => displayText(line, 300))
    .join('\n');
  return [
    ...(asked === undefined
      ? []
      : [element('code', { text: `${source.tool_kind === 'shell' ? '$ ' : ''}${displayText(asked, 300)}` })]),
    ...(said === undefined ? [] : [element('pre', { text: said })]),
  ];
}
