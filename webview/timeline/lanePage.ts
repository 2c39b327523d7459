import type { QueryReply } from '../../src/core/panel/serverProtocol.ts';
import { element, Section } from '../parts/element.ts';
import { FailureNotice } from '../parts/failureNotice.ts';
import type { Theme } from '../parts/theme.ts';
import { timeTicks } from '../parts/timeFormat.ts';
import { Turns } from '../parts/turns.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';

/** Room for one label of the time axis. */
const TICK_PIXELS = 90;

export interface LaneAxis {
  readonly span: { readonly fromMs: number; readonly toMs: number };
  readonly ticks: ReturnType<typeof timeTicks>;
}

interface PageLane {
  draw(axis: LaneAxis, theme: Theme): void;
  dispose(): void;
}

export interface LaneSurroundings {
  readonly axis: HTMLElement;
  readonly theme: Theme;
}

export interface LaneContent {
  readonly content: readonly HTMLElement[];
  readonly lanes: readonly PageLane[];
}

export interface LanePageOptions<View> {
  readonly name: string;
  readonly theme: Theme;
  readonly ask: (pixels: number) => Promise<{ readonly ok: true; readonly value: View } | FailedReply>;
  readonly build: (view: View, around: LaneSurroundings) => LaneContent;
  readonly spanOf: (view: View) => LaneAxis['span'];
  /** From where times are counted; without it they are of the clock. */
  readonly originMs?: number;
}

type FailedReply = Extract<QueryReply, { readonly ok: false }>;

/** A page that is asked for as a whole and shows lanes below one time axis, drawn again at each width and theme. */
export class LanePage<View> {
  readonly element: HTMLElement;
  readonly #options: LanePageOptions<View>;
  readonly #failure = new FailureNotice();
  readonly #body = element('div', { class: 'session-body' });
  readonly #section: Section<View>;
  readonly #turns = new Turns();
  readonly #resize = new ResizeObserver(() => this.#draw());
  #theme: Theme;
  #lanes: readonly PageLane[] = [];
  #axis = element('div');
  #view: View | undefined;

  constructor(options: LanePageOptions<View>) {
    this.#options = options;
    this.#theme = options.theme;
    this.#section = new Section(this.#body, (view) => this.#build(view));
    this.element = element('article', { class: `session ${options.name}` }, [this.#failure.element, this.#body]);
    this.#resize.observe(this.#body);
  }

  /** At first, and whenever something of it has changed. */
  async load(): Promise<void> {
    await this.#turns.take(this.#options.name, async () => {
      const reply = await this.#options.ask(Math.max(200, this.#body.clientWidth || window.innerWidth));
      if (!reply.ok) {
        this.#failure.show(reply.failure);
        return;
      }
      this.#failure.hide();
      this.#view = reply.value;
      this.#section.update(reply.value);
      this.#draw();
    });
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#draw();
  }

  dispose(): void {
    this.#resize.disconnect();
    for (const lane of this.#lanes) lane.dispose();
    this.element.remove();
  }

  #build(view: View): readonly HTMLElement[] {
    for (const lane of this.#lanes) lane.dispose();
    this.#axis = element('div', { class: 'axis', attributes: { 'aria-hidden': 'true' } });
    const { content, lanes } = this.#options.build(view, { axis: this.#axis, theme: this.#theme });
    this.#lanes = lanes;
    return content;
  }

  #draw(): void {
    if (this.#view === undefined) return;
    const span = this.#options.spanOf(this.#view);
    const width = Math.max(1, this.#body.clientWidth - GUTTER_LEFT - GUTTER_RIGHT);
    const ticks = timeTicks(span.fromMs, span.toMs, Math.floor(width / TICK_PIXELS), this.#options.originMs);
    this.#axis.replaceChildren(
      ...ticks.map(({ ms, label }) => {
        const tick = element('span', { class: 'tick', text: label });
        tick.style.left = `${GUTTER_LEFT + ((ms - span.fromMs) / (span.toMs - span.fromMs)) * width}px`;
        return tick;
      }),
    );
    for (const lane of this.#lanes) lane.draw({ span, ticks }, this.#theme);
  }
}
