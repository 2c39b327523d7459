import { element, setShown } from '../parts/element.ts';
import { button } from '../parts/toolkit.ts';
import type { ReplayBar } from '../timeline/replayBar.ts';
import type { TimelineTools } from '../timeline/timelineTools.ts';
import type { Timelines } from '../timeline/timelines.ts';
import type { Drawer } from './drawer.ts';
import type { EpisodeList } from './episodeList.ts';
import type { MomentPanel } from './momentPanel.ts';
import type { OutputPanel } from './outputPanel.ts';
import type { SampleTable } from './sampleTable.ts';
import type { SessionHeader } from './sessionHeader.ts';
import { highlightOf, isLive, pointBeforeEnd, type SessionState } from './sessionState.ts';
import type { Story } from './story.ts';
import type { SuspectCard } from './suspectCard.ts';

/** What the page is made of: each part is told what changed, and asks nobody. */
export interface SessionParts {
  readonly body: HTMLElement;
  readonly header: SessionHeader;
  readonly story: Story;
  readonly episodes: EpisodeList;
  readonly suspect: SuspectCard;
  readonly tools: TimelineTools;
  readonly bar: ReplayBar;
  readonly timelines: Timelines;
  readonly table: SampleTable;
  readonly moment: MomentPanel;
  readonly output: OutputPanel;
  readonly drawer: Drawer;
}

export function layOut(
  parts: SessionParts,
  on: { readonly output: () => void; readonly key: (key: string) => void },
): void {
  const { body, header, story, episodes, suspect, tools, bar, timelines, table, drawer } = parts;
  const output = button({ label: 'Output', description: 'Open Output: what the agent printed', onClick: on.output });
  const timelineSection = element('section', { class: 'timeline-section', attributes: { 'aria-label': 'Timelines' } }, [
    element('div', { class: 'timeline-head' }, [tools.element, bar.element, output]),
    timelines.element,
    tools.more,
    table.element,
  ]);
  timelineSection.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
    if (!ctrlKey && !metaKey && !altKey) on.key(key);
  });
  body.append(
    header.element,
    story.element,
    episodes.element,
    element('div', { class: 'work' }, [
      element('div', { class: 'work-main' }, [timelineSection, suspect.element]),
      drawer.element,
    ]),
  );
}

/** The one place where state becomes what is seen; the lines are drawn by whoever has them. */
export function show(parts: SessionParts, now: SessionState, before: SessionState): void {
  const { body, header, story, episodes, suspect, tools, bar, timelines } = parts;
  const { overview, moment, episode, point, isStale } = now;
  const isNewOverview = overview !== before.overview;
  if (overview !== undefined && isNewOverview) {
    setShown(body, true);
    parts.output.startMs = overview.startMs;
    story.update(overview);
    suspect.update(overview);
    episodes.update(overview.episodes);
    parts.table.setEpisodes(overview.episodes);
    timelines.setEvents(overview);
  }
  const hasSamples = now.snapshotCount > 0;
  body.classList.toggle('is-unsampled', !hasSamples);
  // What was never sampled, such as a trace, has nothing to move through.
  setShown(bar.element, hasSamples);
  if (isNewOverview || isStale !== before.isStale || point !== before.point) {
    header.show(now);
    const early = pointBeforeEnd(now)?.ms;
    episodes.setReplayPoint(early);
    suspect.setReplayPoint(early);
    story.setReplayPoint(early);
    timelines.setCursor(point?.ms);
  }
  tools.update(isLive(now));
  const hasLeft = point === undefined && before.point !== undefined;
  if (moment !== before.moment || episode !== before.episode || hasLeft) showMoment(parts, now);
  if (moment === undefined && before.moment !== undefined) timelines.focus();
}

function showMoment({ episodes, timelines, output, moment: panel, drawer }: SessionParts, state: SessionState): void {
  const { moment, episode, overview } = state;
  episodes.select(episode);
  timelines.setHighlight(highlightOf(state));
  output.standAt(moment?.ms);
  if (moment === undefined) {
    drawer.hideMoment();
    return;
  }
  const lifecycle = overview?.lifecycle.filter((event) => event.ms <= moment.ms) ?? [];
  panel.show(moment, { episode, lifecycle });
  drawer.showMoment(false);
}
