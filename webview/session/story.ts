import type { Overview } from '../../src/core/panel/sessionView.ts';
import type { StoryLine, StoryTopic } from '../../src/core/story/storyFacts.ts';
import { element, Section, setShown, type Child } from '../parts/element.ts';
import { button } from '../parts/toolkit.ts';

/** Windows of this height have room for the whole story above the charts. */
const TALL_PX = 1000;

/**
 * What happened, under the sentence of the header that says what ended it: a line each, with what it rests on. In a low
 * window one line of it, so that the charts stay in sight.
 */
export class Story {
  readonly element = element('details', { class: 'story' });
  readonly #lead = element('summary');
  readonly #lines = element('div', { class: 'story-lines' });
  readonly #section: Section<readonly StoryLine[]>;
  #hasLines = false;
  #isPast = false;

  constructor(onOpenHandle: (handle: string) => void) {
    this.element.append(this.#lead, this.#lines);
    this.element.open = window.innerHeight >= TALL_PX;
    this.#section = new Section(this.#lines, (lines) => lines.map((line) => lineOf(line, onOpenHandle)));
  }

  update({ story }: Pick<Overview, 'story'>): void {
    const lines = story.filter(({ topic }) => topic !== 'end');
    this.#hasLines = lines.length > 0;
    this.#section.update(lines);
    // What to do is what a reader wants next; where nothing is to be done, what it did.
    const lead = lines.find(({ topic }) => topic === 'advice') ?? lines[0];
    if (lead !== undefined) this.#lead.replaceChildren(...leadOf(lead));
    this.#show();
  }

  /** In a replay the end is not known yet. */
  setReplayPoint(ms: number | undefined): void {
    this.#isPast = ms !== undefined;
    this.#show();
  }

  #show(): void {
    setShown(this.element, this.#hasLines && !this.#isPast);
  }
}

const HEADS: { readonly [topic in StoryTopic]: string } = {
  end: 'The end',
  doing: 'What it did',
  who: 'Process',
  words: 'Last words',
  advice: 'What to do',
};

function leadOf({ topic, text, quoted }: StoryLine): readonly Node[] {
  const said = quoted.length === 0 ? withCode(text) : [(quoted.at(-1) ?? '').trim()];
  return [
    element('span', { class: 'story-topic', text: HEADS[topic] }),
    element('span', { class: 'story-lead' }, said),
  ];
}

/** Commands stand between backticks, which no command of a story holds itself. */
function withCode(text: string): readonly Child[] {
  return text.split('`').map((part, at) => (at % 2 === 0 ? part : element('code', { text: part })));
}

/** Texts of the story are fit for display already. */
function lineOf(
  { topic, text, quoted, because, handle }: StoryLine,
  onOpenHandle: (handle: string) => void,
): HTMLElement {
  const reasons = element(
    'ul',
    {},
    because.map((reason) => element('li', { text: reason })),
  );
  const said = quoted.length === 0 ? element('span', {}, withCode(text)) : element('pre', { text: quoted.join('\n') });
  return element('div', { class: `story-line is-${topic}` }, [
    element('h3', { text: HEADS[topic] }),
    element('div', { class: 'story-text' }, [
      said,
      handle === undefined
        ? undefined
        : button({
            label: 'Open',
            description: 'Open its line in the agent’s log',
            onClick: () => onOpenHandle(handle),
          }),
      element('details', {}, [element('summary', { text: 'Why' }), reasons]),
    ]),
  ]);
}
