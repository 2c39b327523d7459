import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killCallOf } from '../../../src/core/session/killCall.ts';
import { ownCommandOf, type KillTarget } from '../../../src/core/death/ownCommand.ts';

const AGENT: KillTarget = {
  pids: [4242, 4240],
  names: ['claude', 'node'],
  commandLine: "node /usr/bin/claude -p 'fix the dev server'",
};
const END = '2026-03-01T12:00:00.000+00:00';

function reach(command: string): 'match' | 'possible' | 'none' {
  const kill = killCallOf(command);
  const found = kill && ownCommandOf([{ kill, ts: END, isOpen: true }], AGENT, END);
  return found === undefined ? 'none' : found.isMatch ? 'match' : 'possible';
}

test("a command of the agent's own is believed to have ended it only where its words say that it can", () => {
  const cases: readonly (readonly [command: string, expected: ReturnType<typeof reach>])[] = [
    ['kill -9 4242', 'match'],
    ['cd /tmp && kill 4242', 'match'],
    ['kill -TERM -4240', 'match'],
    ['kill -9 -1', 'match'],
    ['kill $PPID', 'match'],
    ['sudo pkill node', 'match'],
    ['pkill -f claude', 'match'],
    ["pkill -9 -f 'node.*claude' || true", 'match'],
    ["pkill -f '[c]laude'", 'match'],
    ['killall -9 node', 'match'],
    ['/usr/bin/killall claude 2>/dev/null; npm run dev', 'match'],
    ['taskkill /F /IM node.exe', 'match'],
    ['kill $(pgrep node)', 'possible'],
    ['kill -9 `cat server.pid`', 'possible'],
    ['lsof -ti:3000 | xargs kill -9', 'possible'],
    ['lsof -ti:3000 | xargs -r -n 1 kill', 'possible'],
    ['if true; then kill "$PID"; fi', 'possible'],
    ['grep kill notes.txt', 'none'],
    ['docker kill web', 'none'],
    ['echo "kill 4242"', 'none'],
    ['git commit -m "pkill claude; kill 4242"', 'none'],
    ['kill -0 4242', 'none'],
    ['kill -l', 'none'],
    ['kill -STOP 4242', 'none'],
    ['kill -s CONT 4242', 'none'],
    ['kill 77', 'none'],
    ['kill %1', 'none'],
    ['pkill -f vite', 'none'],
    ['pkill -x nod', 'none'],
    ['killall python3', 'none'],
    ['cat skill.md', 'none'],
    ['tmux kill-session -t x', 'none'],
  ];
  for (const [command, expected] of cases) assert.equal(reach(command), expected, command);
});

test('a kill that was answered long before the end did not cause it', () => {
  const kill = killCallOf('pkill -f claude');
  assert.ok(kill);
  const at = (ts: string, isOpen: boolean) => ownCommandOf([{ kill, ts, isOpen }], AGENT, END)?.isMatch;
  assert.equal(at('2026-03-01T11:59:58.000+00:00', false), true);
  assert.equal(at('2026-03-01T11:50:00.000+00:00', false), undefined);
  assert.equal(at('2026-03-01T11:50:00.000+00:00', true), true);
});
