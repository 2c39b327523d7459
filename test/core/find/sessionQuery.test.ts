import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listedFacts } from '../../../src/core/find/listedFacts.ts';
import { isEmptyQuery, isFound, queryOf, searched, sessionQuery } from '../../../src/core/find/sessionQuery.ts';
import { indexLineFrom } from '../../../src/core/session/readSession.ts';

const NOW = new Date(2026, 10, 27, 15).getTime();
const HOUR_MS = 3_600_000;

function session(id: string, hoursAgo: number, more: object): ReturnType<typeof searched> {
  const line = indexLineFrom({
    dir_name: id,
    timestamp: new Date(NOW - hoursAgo * HOUR_MS).toISOString(),
    subtype: 'crashed',
    duration_seconds: 60,
    cwd: '/srv/shop',
    ...more,
  });
  assert.ok(line !== undefined);
  return searched(() => listedFacts({ ...line, state: 'finished' }));
}

const SESSIONS = [
  session('sess-oom', 2, { skill_command: "claude -p 'fix the tests'", exit_code: -9, cause: 'oom_kill' }),
  session('sess-bad', 26, {
    skill_command: "codex exec 'say hello'",
    cause: 'exit_nonzero',
    subtype: 'error_during_execution',
    exit_code: 1,
  }),
  session('sess-mid', 200, { skill_command: "claude -p 'tidy up'", cause: 'ended_mid_task', subtype: 'incomplete' }),
  session('sess-good', 3, {
    skill_command: 'make all',
    label: 'Nightly build',
    success: true,
    subtype: 'success',
    cause: 'completed',
  }),
  session('sess-stop', 5, { skill_command: "claude -p 'wait'", cause: 'stopped', subtype: 'stopped' }),
];

const found = (text: string): string => {
  const query = sessionQuery(text, NOW);
  return SESSIONS.filter((one) => isFound(query, one, NOW))
    .map(({ facts }) => facts.id.slice(5))
    .join(' ');
};

/** What a person types, and who is found. */
const SEARCHES: readonly (readonly [text: string, ids: string])[] = [
  ['', 'oom bad mid good stop'],
  ['agent:claude', 'oom mid stop'],
  ['agent:"Claude Code"', 'oom mid stop'],
  ['agent:cl,cod', 'oom bad mid stop'],
  ['AGENT:Claude', 'oom mid stop'],
  ['cause:oom', 'oom'],
  ['cause:OOM-killed', 'oom'],
  ['cause:oom_kill', 'oom'],
  ['cause:ended', 'mid'],
  ['cause:failed', 'bad'],
  ['cause:killed', ''],
  ['outcome:died', 'oom'],
  ['agent:', 'oom bad mid good stop'],
  ['failed', 'oom bad mid'],
  ['agent:claude failed since:7d', 'oom'],
  ['since:1d', 'oom good stop'],
  ['since:2026-11-26', 'oom bad good stop'],
  ['since:today', 'oom good stop'],
  ['today', 'oom good stop'],
  ['yesterday failed', 'bad'],
  ['earlier', 'mid'],
  ['OOM-killed', 'oom'],
  ['"Claude Code"', 'oom mid stop'],
  ['"fix the"', 'oom'],
  ['the fix', 'oom'],
  ['"the fix"', ''],
  ['"Nov 26"', 'bad'],
  ['nightly', 'good'],
  ['make', 'good'],
  ['shop', 'oom bad mid good stop'],
  ['sess-mid', 'mid'],
  ['"unclosed', ''],
  ['https://example.com', ''],
];

for (const [text, ids] of SEARCHES) {
  test(`${text || 'nothing'} finds ${ids || 'none'}`, () => {
    assert.equal(found(text), ids);
  });
}

/** What cannot be meant, and what is said to it. */
const PROBLEMS: readonly (readonly [text: string, said: RegExp])[] = [
  ['agent:clade', /^There is no agent "clade"\. Did you mean claude\?$/],
  ['cause:oom-klled', /no cause "oom-klled"\. Did you mean oom_kill\?/],
  ['cause:xyzzy', /^There is no cause "xyzzy"\. There are: completed, .*unknown\.$/],
  ['since:soon', /^"soon" is no time: 30m, 2h, 3d, 1w, today, yesterday or 2026-11-27\.$/],
  ['agnt:claude', /^There is no "agnt:"\. Did you mean agent:\?$/],
];

for (const [text, said] of PROBLEMS) {
  test(`${text} finds none, and says why`, () => {
    assert.match(sessionQuery(text, NOW).problems.join(), said);
    assert.equal(found(text), '');
  });
}

test('flags ask for the same as the text', () => {
  const parts = { agent: 'claude', cause: 'oom', since: '7d', text: '"fix the"' };
  assert.deepEqual(queryOf(parts, NOW), sessionQuery('agent:claude cause:oom since:7d "fix the"', NOW));
  assert.ok(isEmptyQuery(queryOf({}, NOW)));
  assert.ok(!isEmptyQuery(queryOf({ agent: 'x' }, NOW)));
});
