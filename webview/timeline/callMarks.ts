import type { CallView } from '../../src/core/panel/sessionView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import { wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { clockOf } from '../parts/timeFormat.ts';
import type { Mark } from './eventLane.ts';

/** Calls that run beside each other; of more the last ones share a row. */
const MOST_ROWS = 3;
const STATUS_SIGNS = { ok: '', failed: '✗ ', open: '… ' } as const;

/** The agent's calls as bars that say what was asked, how long it took and how it went. */
export function callMarks(
  calls: readonly CallView[],
  inspect: (ms: number) => (() => void) | undefined,
): readonly Mark[] {
  const ends: number[] = [];
  return calls
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((call): Mark => {
      const toMs = call.endMs ?? Number.POSITIVE_INFINITY;
      const free = ends.findIndex((endMs) => endMs <= call.startMs);
      const row = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
      ends[row] = Math.max(ends[row] ?? 0, toMs);
      return {
        key: `${call.startMs} ${call.tool_kind}`,
        fromMs: call.startMs,
        toMs,
        class: `call-${call.status}`,
        row,
        text: `${STATUS_SIGNS[call.status]}${askedOf(call) ?? wordsOf(call.tool_kind)}${lastedOf(call, ' · ')}`,
        label: labelOf(call),
        more: call.answer === undefined ? undefined : displayText(call.answer, 500).replaceAll('⏎', '\n'),
        onClick: inspect(call.startMs),
      };
    });
}

function labelOf(call: CallView): string {
  const asked = askedOf(call);
  const what = asked === undefined ? '' : `: ${asked}`;
  return `${wordsOf(call.tool_kind)} call${what}, ${call.status}${lastedOf(call, ', ')}, ${clockOf(call.startMs, 1000)}`;
}

function askedOf({ asked }: CallView): string | undefined {
  return asked === undefined || asked.trim() === '' ? undefined : displayText(asked, 200);
}

function lastedOf({ startMs, endMs }: CallView, before: string): string {
  return endMs === undefined ? '' : `${before}${humanSeconds((endMs - startMs) / 1000)}`;
}
