import type { PageBlock, PageContent } from '../../core/panel/pageContent.ts';
import { arrayOf, numberOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import { FAILURE_CATEGORIES, SEVERITIES, wordOf } from '../../core/words/vocabulary.ts';
import { categoryWords, detailWords, kindWords, ruleWords, severityWords } from '../../core/words/vocabularyWords.ts';

/** More rows than these nobody reads. */
const MOST_ROWS = 200;

/** What `analyze --json` tells of one file. */
export function analysisPage(told: JsonRecord): PageContent {
  const title = stringOf(told['file']) ?? 'Log';
  const error = stringOf(recordOf(told['error'])?.['message']);
  if (error !== undefined) return { ok: false, why: `${title}: ${error}` };
  return told['file_kind'] === 'proc_trace' ? tracePage(title, told) : transcriptPage(title, told);
}

function transcriptPage(title: string, told: JsonRecord): PageContent {
  const damaged = numberOf(told['malformed_lines']) ?? 0;
  const counts = recordOf(told['counts']) ?? {};
  const all = FAILURE_CATEGORIES.reduce((sum, category) => sum + (numberOf(counts[category]) ?? 0), 0);
  const bars = FAILURE_CATEGORIES.flatMap((category) => {
    const count = numberOf(counts[category]) ?? 0;
    return count === 0 ? [] : [{ label: categoryWords(category), text: String(count), share: count / all }];
  });
  const rows = arrayOf(told['sources']).slice(0, MOST_ROWS).flatMap(sourceRow);
  return {
    ok: true,
    title,
    lead: stringOf(recordOf(told['suspect'])?.['sentence']) ?? '',
    blocks: [
      {
        type: 'text',
        text: `${stringOf(told['format']) ?? ''}, ${numberOf(told['total_lines']) ?? 0} lines${damaged > 0 ? `, ${damaged} damaged` : ''}`,
      },
      ...(bars.length === 0 ? [] : [{ type: 'bars', bars } as const]),
      ...(rows.length === 0 ? [] : [sources(rows)]),
    ],
    actions: ['refresh'],
  };
}

function sources(rows: readonly (readonly string[])[]): PageBlock {
  return { type: 'table', head: ['Line', 'Failure', 'Recognised by', 'Handle'], rows };
}

function sourceRow(value: unknown): readonly (readonly string[])[] {
  const source = recordOf(value);
  const category = wordOf(FAILURE_CATEGORIES, source?.['category']);
  if (source === undefined || category === undefined) return [];
  const detail = detailWords(category, stringOf(source['detail']));
  return [
    [
      String(numberOf(source['line']) ?? ''),
      detail ?? categoryWords(category),
      ruleWords(stringOf(source['rule']) ?? ''),
      stringOf(source['handle']) ?? '',
    ],
  ];
}

function tracePage(title: string, told: JsonRecord): PageContent {
  const counts = new Map<string, { readonly severity: string; readonly samples: number }>();
  const anomalies = arrayOf(told['anomalies']).map(recordOf);
  for (const anomaly of anomalies) {
    const kind = kindWords(stringOf(anomaly?.['kind']) ?? '');
    const severity = wordOf(SEVERITIES, anomaly?.['severity']);
    const samples = (counts.get(kind)?.samples ?? 0) + 1;
    counts.set(kind, { severity: severity === undefined ? '' : severityWords(severity), samples });
  }
  const rows = [...counts].map(([kind, { severity, samples }]) => [kind, severity, String(samples)]);
  return {
    ok: true,
    title,
    lead: `${anomalies.length} anomalies`,
    blocks: rows.length === 0 ? [] : [{ type: 'table', head: ['Anomaly', 'Severity', 'Samples'], rows }],
    actions: ['refresh'],
  };
}

/** What `why` says, in its own lines: the answer first. */
export function whyPage(text: string): PageContent {
  const [lead = '', ...lines] = text.split('\n');
  const blocks: PageBlock[] = [];
  for (const line of lines) {
    const item = /^\s+(?:- )?(.*)$/.exec(line)?.[1];
    const last = blocks.at(-1);
    if (line.trim() === '') continue;
    if (item !== undefined && last?.type === 'list')
      blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
    else if (item !== undefined) blocks.push({ type: 'list', items: [item] });
    else blocks.push({ type: 'text', text: line });
  }
  return { ok: true, title: 'Why it died', lead, blocks, actions: ['refresh', 'copy'] };
}
