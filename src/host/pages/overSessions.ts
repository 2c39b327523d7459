import type { PageBlock, PageContent } from '../../core/panel/pageContent.ts';
import { arrayOf, numberOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import { AGENT_KINDS, FAILURE_CATEGORIES, wordOf } from '../../core/words/vocabulary.ts';
import { agentWords } from '../../core/find/shownWords.ts';
import { categoryWords, causeWords } from '../../core/words/vocabularyWords.ts';

/** Over all sessions: what fails in them since when, and when and which of them die. */

const TREND_GROUPS = [
  ['By day', 'by_day'],
  ['By agent', 'by_agent'],
  ['By workspace', 'by_workspace'],
] as const;

export function trendPage(told: JsonRecord): PageContent {
  const groups = TREND_GROUPS.flatMap(([title, key]): PageBlock[] => {
    const rows = arrayOf(told[key]).flatMap((value) => trendGroup(recordOf(value) ?? {}));
    return rows.length === 0 ? [] : [{ type: 'heading', level: 2, text: title }, ...rows];
  });
  return {
    ok: true,
    title: 'Failure trend',
    lead: stringOf(recordOf(told['suspect'])?.['sentence']) ?? '',
    blocks: groups.length === 0 ? [{ type: 'text', text: 'No session has a transcript that was read.' }] : groups,
    actions: ['refresh'],
  };
}

/** Sessions, not failures: a retry loop in one of them must not look like many. */
function trendGroup(group: JsonRecord): PageBlock[] {
  const count = numberOf(group['session_count']) ?? 0;
  const failed = recordOf(group['sessions_by_category']) ?? {};
  const bars = FAILURE_CATEGORIES.flatMap((category) => {
    const sessions = numberOf(failed[category]) ?? 0;
    if (sessions === 0) return [];
    return [
      { label: categoryWords(category), text: `in ${sessions} of ${count}`, share: sessions / Math.max(1, count) },
    ];
  });
  const key = stringOf(group['key']) ?? '';
  const agent = wordOf(AGENT_KINDS, key);
  const title = `${agent === undefined ? key : agentWords(agent)}: ${count} session${count === 1 ? '' : 's'}`;
  return [
    { type: 'heading', level: 3, text: title },
    ...(bars.length === 0
      ? [{ type: 'text', text: 'Nothing failed.' } as const]
      : [{ type: 'bars', bars: bars.toSorted((a, b) => b.share - a.share) } as const]),
  ];
}

const PATTERN_GROUPS = [
  ['By hour', 'by_hour'],
  ['By weekday', 'by_weekday'],
  ['By agent', 'by_agent'],
  ['Deaths by age (of the sessions that got this old)', 'by_age'],
  ['By size of output', 'by_output_size'],
] as const;

/** @param text the command's own lines: their first say how many died, and whether that has changed */
export function patternsPage(told: JsonRecord, text: string): PageContent {
  const [lead = '', ...more] = text.split('\n\n')[0]?.split('\n') ?? [];
  const zone = stringOf(told['time_zone']) ?? '';
  const causes = arrayOf(told['by_cause']).flatMap((value) => {
    const cause = recordOf(value);
    return cause === undefined
      ? []
      : [`${causeWords(stringOf(cause['key']) ?? '')}: ${numberOf(cause['deaths']) ?? 0}`];
  });
  const groups = PATTERN_GROUPS.flatMap(([title, key]): PageBlock[] => {
    const bars = arrayOf(told[key]).flatMap(deathBar);
    if (bars.length === 0) return [];
    const heading = key === 'by_hour' || key === 'by_weekday' ? `${title} (${zone})` : title;
    return [
      { type: 'heading', level: 2, text: heading },
      { type: 'bars', bars },
    ];
  });
  const rate = more.filter((line) => !line.startsWith('Causes of death:') && line !== '').join(' ');
  return {
    ok: true,
    title: 'Death patterns',
    lead,
    blocks: [
      ...(rate === '' ? [] : [{ type: 'text', text: rate } as const]),
      ...(causes.length === 0
        ? []
        : [{ type: 'heading', level: 2, text: 'Causes of death' } as const, { type: 'list', items: causes } as const]),
      ...groups,
    ],
    actions: ['refresh'],
  };
}

function deathBar(value: unknown) {
  const group = recordOf(value);
  const [sessions, deaths] = [numberOf(group?.['sessions']) ?? 0, numberOf(group?.['deaths']) ?? 0];
  if (group === undefined || sessions === 0) return [];
  const standsOut = group['stands_out'] === true;
  const text = `${deaths} of ${sessions}${standsOut ? ', more than chance explains' : ''}`;
  return [{ label: stringOf(group['key']) ?? '', text, share: deaths / sessions, standsOut }];
}
