import { element, setShown, setText } from '../parts/element.ts';
import { LANES } from './lanes.ts';
import type { PanelMemory } from './panelMemory.ts';
import { button, checkbox } from '../parts/toolkit.ts';
import type { Viewport } from './viewport.ts';

export interface ToolHandlers {
  readonly onViewport: () => void;
  readonly onLane: (id: string, isShown: boolean) => void;
  readonly onTable: (isTable: boolean) => void;
  readonly memory: PanelMemory;
}

/** Among the lanes that are shown on demand: the CPU of each process. */
export const CPU_AREAS = 'cpu-areas';
/** And the axis as time since the start. */
export const RELATIVE_TIME = 'relative-time';

/** Buttons for everything that the mouse and the keys do on the timelines. */
export class TimelineTools {
  /** Above the lanes. */
  readonly element: HTMLElement;
  /** Below them: which others there are, and the keys. */
  readonly more: HTMLElement;
  readonly #reset: HTMLElement;
  readonly #follow: HTMLElement;
  readonly #live = element('span', { class: 'live', attributes: { role: 'status' } });
  readonly #lanes: Set<string>;

  constructor(viewport: Viewport, { onViewport, onLane, onTable, memory }: ToolHandlers) {
    this.#lanes = new Set(memory.lanes);
    const change = (label: string, description: string, act: () => void) =>
      button({
        label,
        description,
        onClick: () => {
          act();
          onViewport();
        },
      });
    const centreMs = () => (viewport.span.fromMs + viewport.span.toMs) / 2;
    this.#reset = change('Whole', 'Show the whole session', () => viewport.reset());
    this.#follow = change('Follow', 'Follow the newest samples', () => viewport.follow());
    const more = [
      ...LANES.filter(({ isOptional }) => isOptional),
      { id: CPU_AREAS, title: 'CPU by process' },
      { id: RELATIVE_TIME, title: 'Time since the start' },
    ];
    const optional = more.map(({ id, title }) =>
      checkbox(title, this.#lanes.has(id), (isShown) => {
        if (isShown) this.#lanes.add(id);
        else this.#lanes.delete(id);
        onLane(id, isShown);
      }),
    );
    this.element = element(
      'div',
      { class: 'timeline-tools', attributes: { role: 'group', 'aria-label': 'Timelines' } },
      [
        change('−', 'Zoom out', () => viewport.zoom(2, centreMs())),
        change('+', 'Zoom in', () => viewport.zoom(0.5, centreMs())),
        this.#reset,
        this.#follow,
        this.#live,
      ],
    );
    this.more = element('div', { class: 'timeline-more' }, [
      element('div', { class: 'more-lanes', attributes: { role: 'group', 'aria-label': 'More lanes' } }, [
        ...optional,
        checkbox('Table', memory.isTable, onTable),
      ]),
      element('p', {
        class: 'hint',
        text: 'Drag to zoom, click for a moment. Wheel, + and − or W and S zoom, A and D pan, arrows move, Esc shows all, F follows. P plays the session, “,” and “.” step.',
        attributes: { id: 'plot-keys' },
      }),
    ]);
    this.update = (isRunning) => {
      setShown(this.#reset, viewport.isZoomed);
      setShown(this.#follow, isRunning && !viewport.isFollowing);
      setShown(this.#live, isRunning);
      setText(this.#live, viewport.isFollowing ? 'Live' : 'Paused');
      this.#live.className = viewport.isFollowing ? 'live' : 'live is-paused';
    };
    this.update(false);
  }

  readonly update: (isRunning: boolean) => void;

  get lanes(): readonly string[] {
    return [...this.#lanes];
  }
}
