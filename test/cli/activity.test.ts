import { after, test } from 'node:test';
import { answerQuery } from '../../src/server/panel/answerQuery.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../src/server/panel/sessionReaders.ts';
import { runCli, startCli, testRoot, until } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

const READY = 'import os; print("pid=%d" % os.getpid(), flush=True)';

/** What `show` says of sessions that run, until it says what is expected. */
const CASES: readonly (readonly [string, string, RegExp, NodeJS.Signals?])[] = [
  ['idle', 'import time; time.sleep(60)', /it waits/],
  [
    'waiting_child',
    'import subprocess; subprocess.call(["sleep", "15"], stdout=-3, stderr=-3)',
    /a process that it started/,
  ],
  ['busy', 'while True: pass', /computes at full speed/],
  [
    'deadlocked',
    'import threading; lock = threading.Lock(); lock.acquire()\n' +
      'threading.Thread(target=lock.acquire).start(); lock.acquire()',
    /threads wait for one another/,
  ],
  [
    'done_not_exited',
    'import json; print(json.dumps({"type": "system", "subtype": "init", "session_id": "a", "tools": []}))\n' +
      'print(json.dumps({"type": "result", "subtype": "success", "is_error": False, "num_turns": 1, "result": "done"}))\n' +
      'import sys, time; sys.stdout.flush(); time.sleep(60)',
    /it has given its result, and has not ended/,
  ],
  [
    'waiting_approval',
    'import json, sys, time; ask = {"jsonrpc": "2.0", "id": 1, "method": "session/request_permission"}\n' +
      'print(json.dumps({"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": "a"}}))\n' +
      'print(json.dumps({**ask, "params": {"sessionId": "a"}})); sys.stdout.flush(); time.sleep(60)',
    /waits for somebody to allow what it wants to do/,
  ],
  ['stopped', 'import time; time.sleep(60)', /goes on with SIGCONT/, 'SIGSTOP'],
];

/** The panel reads the same files. */
function panelSays(id: string): string {
  const catalog = new SessionCatalog();
  catalog.setRoots([root.path]);
  const sources = { catalog, readers: new SessionReaders(catalog) };
  const reply = answerQuery(sources, 'overview', { session: { root: root.path, id } });
  return reply.ok ? JSON.stringify(reply.value) : reply.failure.kind;
}

for (const [index, [activity, code, words, signal]] of CASES.entries()) {
  test(`a session that runs says that it is ${activity}`, async (t) => {
    const id = `runs-${index}`;
    const flags = ['--log-dir', root.path, '--id', id, '--interval', '0.3'];
    const { child, finished } = startCli(['run', ...flags, '--', 'python3', '-c', `${READY}\n${code}`]);
    let stdout = '';
    child.stdout?.on('data', (text: string) => (stdout += text));
    const pid = Number(await until('the agent', () => /pid=(\d+)\n/.exec(stdout)?.[1]));
    t.after(async () => {
      process.kill(pid, 'SIGKILL');
      await finished;
    });
    if (signal !== undefined) process.kill(pid, signal);
    const show = async (...options: string[]): Promise<string> =>
      (await runCli(['show', id, ...options, '--log-dir', root.path])).stdout.replaceAll(/\s+/g, ' ');
    // Each reads later than the one before, and a machine that is busy may make a sleeper work for a sample.
    await until(`it to be ${activity}`, async () => (await show('--json')).includes(`"activity":"${activity}"`));
    await until('show to say so in words', async () => words.test(await show()));
    if (activity === 'idle') await until('the panel to say so', () => panelSays(id).includes('Running: it waits'));
  });
}
