import { element, setAttribute, setShown, setText } from '../parts/element.ts';
import { REPLAY_SPEEDS, type Replay } from './replay.ts';
import { momentOf } from '../parts/timeFormat.ts';
import { button, dropdown } from '../parts/toolkit.ts';
import type { TimeSpan } from './viewport.ts';

export interface ReplayBarHandlers {
  readonly range: () => TimeSpan;
  readonly onStep: (to: 'previous' | 'next') => void;
}

/** What a recorder of sound has: play, step, speed and a slider over the whole session. */
export class ReplayBar {
  readonly element: HTMLElement;
  readonly #replay: Replay;
  readonly #handlers: ReplayBarHandlers;
  readonly #play: HTMLElement;
  readonly #leave: HTMLElement;
  readonly #speed: ReturnType<typeof dropdown>;
  readonly #time = element('span', { class: 'replay-time' });
  readonly #slider = element('input', {
    class: 'replay-slider',
    attributes: { type: 'range', min: '0', max: '1', step: 'any', 'aria-label': 'Replay position' },
  });

  constructor(replay: Replay, handlers: ReplayBarHandlers) {
    this.#replay = replay;
    this.#handlers = handlers;
    this.#play = button({ label: 'Play', onClick: () => this.#toggle() });
    this.#leave = button({
      label: 'Leave replay',
      description: 'Leave replay and show everything that is known',
      onClick: () => replay.leave(),
    });
    this.#speed = dropdown({
      label: 'Replay speed',
      choices: REPLAY_SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` })),
      onChange: (value) => {
        replay.speed = Number(value);
      },
    });
    this.#slider.addEventListener('input', () => {
      const { fromMs, toMs } = handlers.range();
      replay.moveTo(fromMs + this.#slider.valueAsNumber * (toMs - fromMs));
    });
    const step = (label: string, to: 'previous' | 'next') =>
      button({ label, description: `Replay: ${to} sample`, onClick: () => this.#step(to) });
    this.element = element('div', { class: 'replay', attributes: { role: 'group', 'aria-label': 'Replay' } }, [
      element('span', { class: 'replay-name', text: 'Replay' }),
      step('‹', 'previous'),
      this.#play,
      step('›', 'next'),
      this.#speed,
      this.#slider,
      this.#time,
      this.#leave,
    ]);
    this.update();
  }

  /** The replay's keys anywhere on the timelines. */
  key(key: string): void {
    if (key === 'p') this.#toggle();
    if (key === ',') this.#step('previous');
    if (key === '.') this.#step('next');
  }

  /** After the cursor has moved or the session has grown. */
  update(): void {
    const { atMs, isPlaying, speed } = this.#replay;
    const { fromMs, toMs } = this.#handlers.range();
    setText(this.#play, isPlaying ? 'Pause' : 'Play');
    setAttribute(this.#play, 'aria-label', isPlaying ? 'Pause the replay' : 'Play the session');
    if (this.#speed.value !== String(speed)) this.#speed.value = String(speed);
    const time = atMs === undefined ? '' : momentOf(atMs);
    const share = atMs === undefined ? '1' : String((atMs - fromMs) / Math.max(1, toMs - fromMs));
    if (this.#slider.value !== share) this.#slider.value = share;
    setAttribute(this.#slider, 'aria-valuetext', time === '' ? 'Newest sample' : time);
    setText(this.#time, time);
    setShown(this.#leave, atMs !== undefined);
    this.element.classList.toggle('is-on', atMs !== undefined);
  }

  #toggle(): void {
    if (this.#replay.isPlaying) this.#replay.pause();
    else this.#replay.play();
  }

  #step(to: 'previous' | 'next'): void {
    this.#replay.pause();
    this.#handlers.onStep(to);
  }
}
