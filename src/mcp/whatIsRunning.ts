import { humanKb, humanSeconds } from '../core/words/humanUnits.ts';
import { msFromIso } from '../core/words/time.ts';
import { ACTIVITIES, AGENT_KINDS, wordOf } from '../core/words/vocabulary.ts';
import { findSession } from '../logs/sessionFiles.ts';
import { readEnrollment, sessionDirs } from '../logs/sessionIndex.ts';
import type { Asked, Tool } from './answer.ts';
import { presentOf } from './running.ts';
import { NAME, nameOf } from './sessionNames.ts';
import { amount, amountOf, FORECAST, forecastFields, seconds, secondsOf } from './shapes.ts';

/** More than anybody runs; each is read as a whole. */
const MOST = 50;

export const whatIsRunning: Tool = {
  name: 'what_is_running',
  title: 'What is running?',
  description:
    'The recorded sessions that run now: what each does, whether it is stalled, how much memory its whole process tree has, how fast that grows, and when memory or disk will be used up if it goes on.',
  input: {},
  output: {
    type: 'fields',
    fields: {
      sessions: {
        type: 'list',
        of: {
          type: 'fields',
          fields: {
            id: { type: 'pattern', pattern: NAME },
            agent: { type: 'words', words: AGENT_KINDS },
            running_seconds: seconds,
            activity: { type: 'nullable', of: { type: 'words', words: ACTIVITIES } },
            stalled_seconds: seconds,
            tree_rss_kb: amount,
            kb_per_minute: amount,
            forecast: FORECAST,
          },
        },
      },
    },
  },
  answer: (asked) => {
    const sessions = runningIn(asked);
    return {
      content: { sessions },
      text: sessions.length === 0 ? 'No recorded session runs.' : sessions.map(lineOf).join('\n'),
    };
  },
};

type Running = ReturnType<typeof runningIn>[number];

function runningIn({ roots }: Asked) {
  return roots.flatMap((root) =>
    sessionDirs(root.running)
      .slice(0, MOST)
      .flatMap((name) => {
        const place = findSession(root, name);
        const enrollment = place?.state === 'running' ? readEnrollment(place.dir) : undefined;
        if (place === undefined || enrollment === undefined) return [];
        const { last, activity, stalledSeconds, kbPerMinute, forecast } = presentOf({ root, place });
        const startMs = msFromIso(enrollment.enrolled_at);
        return [
          {
            id: nameOf(root, place),
            agent: wordOf(AGENT_KINDS, enrollment.agent) ?? 'other',
            running_seconds: secondsOf(
              startMs === undefined ? null : Math.max(0, Math.round((Date.now() - startMs) / 1000)),
            ),
            activity: activity ?? null,
            stalled_seconds: secondsOf(stalledSeconds),
            tree_rss_kb: amountOf(last?.ours?.tree_rss_kb ?? last?.vm_rss_kb),
            kb_per_minute: amountOf(kbPerMinute),
            forecast: forecastFields(forecast),
          },
        ];
      }),
  );
}

function lineOf({ id, agent, running_seconds, activity, stalled_seconds, tree_rss_kb, forecast }: Running): string {
  const facts = [
    running_seconds === null ? '' : `for ${humanSeconds(running_seconds)}`,
    activity === null ? '' : activity.replaceAll('_', ' '),
    stalled_seconds === null ? '' : 'stalled',
    tree_rss_kb === null ? '' : humanKb(tree_rss_kb),
    forecast === null
      ? ''
      : `${String(forecast['resource'])} is used up in about ${humanSeconds(Number(forecast['seconds_to_limit']))}`,
  ];
  return `${id} (${agent}): ${facts.filter((fact) => fact !== '').join(', ')}`;
}
