import type { QueryFailure, QueryReply, SampleRows } from '../../src/core/panel/serverProtocol.ts';
import { SERIES_NAMES, type EpisodeView, type SeriesName } from '../../src/core/panel/sessionView.ts';
import { kindWords } from '../../src/core/words/vocabularyWords.ts';
import { element, setShown } from '../parts/element.ts';
import { quantityOf } from '../parts/quantity.ts';
import { momentOf } from '../parts/timeFormat.ts';
import { Turns } from '../parts/turns.ts';

const HEADS: { readonly [name in SeriesName]: string } = {
  vm_rss_kb: 'Memory',
  tree_rss_kb: 'Memory, tree',
  cgroup_memory_limit_kb: 'Memory limit',
  mem_available_kb: 'Memory available',
  limit_share: 'Share of the limit',
  oom_score: 'OOM score',
  oom_share: 'Memory share',
  fd_count: 'Descriptors',
  tree_fd_count: 'Descriptors, tree',
  fd_soft_limit: 'Descriptor limit',
  cpu_percent: 'CPU',
  tree_cpu_percent: 'CPU, tree',
  threads: 'Threads',
  tree_process_count: 'Processes',
  disk_free_kb: 'Disk free',
};

/** Enough to see the shape of a range; zooming in brings the rest. */
const MOST_ROWS = 60;

export interface SampleTableOptions {
  readonly isShown: boolean;
  /** Asks for this many rows of the visible range. */
  readonly load: (limit: number) => Promise<QueryReply<'rows'>>;
  readonly onInspect: (ms: number) => void;
  readonly onFailure: (failure: QueryFailure) => void;
}

/** The timelines as a table: the same range, the same values, for whoever does not look at lines. */
export class SampleTable {
  readonly element = element('div', {
    class: 'scroller sample-table',
    attributes: { tabindex: '0', role: 'region', 'aria-label': 'Samples as a table' },
  });
  readonly #options: SampleTableOptions;
  readonly #turns = new Turns();
  #isShown: boolean;
  #episodes: readonly EpisodeView[] = [];

  constructor(options: SampleTableOptions) {
    this.#options = options;
    this.#isShown = options.isShown;
    setShown(this.element, options.isShown);
  }

  get isShown(): boolean {
    return this.#isShown;
  }

  show(isShown: boolean): void {
    this.#isShown = isShown;
    setShown(this.element, isShown);
    void this.load();
  }

  setEpisodes(episodes: readonly EpisodeView[]): void {
    this.#episodes = episodes;
  }

  /** The rows of the range that is visible now; none while nobody sees them. */
  async load(): Promise<void> {
    if (!this.#isShown) return;
    await this.#turns.take('rows', async () => {
      const reply = await this.#options.load(MOST_ROWS);
      if (reply.ok) this.#update(reply.value);
      else this.#options.onFailure(reply.failure);
    });
  }

  #update({ rows, inRange }: SampleRows): void {
    const names = SERIES_NAMES.filter((name) => rows.some(({ values }) => values[name] !== undefined));
    const shown =
      rows.length === inRange
        ? `${rows.length} ${rows.length === 1 ? 'sample' : 'samples'}.`
        : `${rows.length} of ${inRange.toLocaleString('en')} samples. Zoom in for more.`;
    const head = element(
      'tr',
      {},
      ['Time', ...names.map((name) => HEADS[name]), 'Anomalies'].map((text) =>
        element('th', { text, attributes: { scope: 'col' } }),
      ),
    );
    const body = rows.map((row, i) => {
      const open = element('button', { class: 'link', text: momentOf(row.ms), attributes: { type: 'button' } });
      open.addEventListener('click', () => this.#options.onInspect(row.ms));
      // A row stands for all samples up to the next one, so it tells of their anomalies too.
      const nextSeq = rows[i + 1]?.seq ?? row.seq + 1;
      const kinds = this.#episodes.filter(({ firstSeq, lastSeq }) => lastSeq >= row.seq && firstSeq < nextSeq);
      return element('tr', {}, [
        element('th', { attributes: { scope: 'row' } }, [open]),
        ...names.map((name) => {
          const value = row.values[name];
          return element('td', { text: value === undefined ? '–' : quantityOf(name, value) });
        }),
        element('td', { text: [...new Set(kinds.map(({ kind }) => kindWords(kind)))].join(', ') || '–' }),
      ]);
    });
    this.element.replaceChildren(
      element('table', {}, [
        element('caption', { text: `The visible range: ${shown}` }),
        element('thead', {}, [head]),
        element('tbody', {}, body),
      ]),
    );
  }
}
