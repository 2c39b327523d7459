import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../../src/core/panel/serverProtocol.ts';
import type { SessionRow } from '../../../src/core/panel/sessionView.ts';
import type { StoryFacts } from '../../../src/core/story/storyFacts.ts';
import { StallNews } from '../../../src/server/panel/stallNews.ts';

const ROW: SessionRow = {
  ref: { root: '/logs', id: 'hangs' },
  isRunning: true,
  outcome: 'running',
  cause: undefined,
  title: 'read it',
  agent: 'claude',
  startMs: 0,
  durationSeconds: undefined,
  anomalyCount: 0,
  criticals: 0,
  warnings: 0,
  suspect: undefined,
};
const FACTS: StoryFacts = {
  verdict: {
    outcome: 'running',
    cause: 'unknown',
    layer: 'none',
    confidence: 'certain',
    activity: 'waiting_child',
    evidence: [],
  },
  isRunning: true,
  exitCode: undefined,
  signal: undefined,
  durationSeconds: undefined,
  timeoutSeconds: undefined,
  memory: undefined,
  peakTreeKb: undefined,
  call: { tool_kind: 'shell', asked: 'cat fifo', answer: undefined, status: 'open', seconds: 700, handle: undefined },
  failure: undefined,
  processes: [],
  killedForMemory: [],
  lastWords: undefined,
  silentSeconds: 650,
  forecast: undefined,
  leftovers: 0,
};

test('a hang is told once, after the time that is set, and again only when something has moved in between', () => {
  const told: string[] = [];
  let facts: StoryFacts = { ...FACTS, silentSeconds: 599 };
  const news = new StallNews(
    () => facts,
    (alert: Alert) => told.push(alert.type === 'stalled' ? alert.sentence : alert.type),
  );
  const look = (next: Partial<StoryFacts>): number => {
    facts = { ...FACTS, ...next };
    news.look([ROW]);
    return told.length;
  };
  assert.equal(look({}), 0, 'never, unless it is set');
  news.afterSeconds = 600;
  assert.equal(look({ silentSeconds: 599 }), 0);
  assert.equal(look({}), 1);
  assert.equal(look({ silentSeconds: 6000 }), 1);
  assert.equal(look({ silentSeconds: 1 }), 1);
  assert.equal(look({}), 2);
  assert.equal(told[0], 'Silent for 10 min 50 s, in a shell call: `cat fifo`.');
});

test('who may wait for its user, or is at work, hangs in nobody’s eyes', () => {
  const told: Alert[] = [];
  const quiet = { ...FACTS, silentSeconds: 9000 };
  const others: readonly StoryFacts[] = [
    { ...quiet, call: undefined },
    { ...quiet, call: { ...(FACTS.call ?? assert.fail()), status: 'ok' } },
    ...(['working', 'busy', 'waiting_approval', 'waiting_stdin', 'stopped'] as const).map((activity) => ({
      ...quiet,
      verdict: { ...FACTS.verdict, activity },
    })),
  ];
  for (const facts of others) {
    const news = new StallNews(
      () => facts,
      (alert) => told.push(alert),
    );
    news.afterSeconds = 600;
    news.look([ROW]);
  }
  assert.deepEqual(told, []);
});
