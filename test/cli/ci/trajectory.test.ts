import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { CLI, published, runCli, testRoot } from '../builtCli.ts';

/** What harnesses read of a session: trajectories with its verdict, and agents that are talked to by a protocol. */
const root = testRoot();
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-trajectory-'));
after(() => {
  root.remove();
  rmSync(home, { recursive: true });
});
const at = ['--log-dir', root.path];

test('a trajectory gets the verdict beside what else is in its extra', async () => {
  await runCli(['run', '--id', 'tried', ...at, '--', 'no-such-program']);
  const file = join(home, 'trajectory.json');
  const trajectory = {
    schema_version: 'ATIF-v1.7',
    session_id: 's',
    steps: [{ step_id: 1 }],
    extra: { theirs: [1.5] },
  };
  writeFileSync(file, JSON.stringify(trajectory));
  for (const _again of [1, 2]) {
    const { stdout, code, stderr } = await runCli(['verdict', 'tried', '--json', '--into', file, ...at]);
    assert.equal(code, 0, stderr);
    const verdict = JSON.parse(stdout) as { readonly blame: string };
    assert.equal(verdict.blame, 'environment');
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      ...trajectory,
      extra: { theirs: [1.5], session_diagnostics: verdict },
    });
  }
});

for (const [why, text, said] of [
  ['is none', '{"schema_version":"2"}', /no ATIF trajectory/],
  ['is no JSON', '{', /no ATIF trajectory/],
  [
    'holds numbers that would be changed',
    '{"schema_version":"ATIF-v1.7","n":12345678901234567890}',
    /nothing was changed/,
  ],
] as const)
  test(`a file that ${why} is left as it is`, async () => {
    const file = join(home, 'other.json');
    writeFileSync(file, text);
    const { code, stderr } = await runCli(['verdict', 'tried', '--into', file, ...at]);
    assert.deepEqual([code, readFileSync(file, 'utf8')], [1, text]);
    assert.match(stderr, said);
  });

/** Speaks the Agent Client Protocol: says hello, works on a prompt with a call that fails, and ends in its midst when told to. */
const AGENT = `
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const update = (update) => say({ method: 'session/update', params: { sessionId: 's1', update } });
let held = '';
process.stdin.on('data', (chunk) => {
  held += chunk;
  for (let end; (end = held.indexOf('\\n')) >= 0; held = held.slice(end + 1)) {
    const { id, method } = JSON.parse(held.slice(0, end));
    if (method === 'initialize') say({ id, result: { protocolVersion: 1 } });
    if (method === 'session/new') say({ id, result: { sessionId: 's1' } });
    if (method !== 'session/prompt') continue;
    update({ sessionUpdate: 'tool_call', toolCallId: 'c1', kind: 'execute', status: 'pending', title: 't', rawInput: { command: 'curl x' } });
    update({ sessionUpdate: 'tool_call_update', toolCallId: 'c1', kind: 'execute', status: 'failed', rawOutput: { exit_code: 6 },
      content: [{ type: 'content', content: { type: 'text', text: 'curl: (6) Could not resolve host: registry.test' } }] });
    if (process.argv[1] === 'dies') {
      update({ sessionUpdate: 'tool_call', toolCallId: 'c2', kind: 'execute', status: 'pending', title: 't', rawInput: { command: 'make' } });
      setTimeout(() => process.exit(0), 50);
    } else say({ id, result: { stopReason: 'end_turn' } });
  }
});`;

const REQUESTS = ['initialize', 'session/new', 'session/prompt'];

for (const [how, cause] of [
  ['ends', 'completed'],
  ['dies', 'ended_mid_task'],
] as const)
  test(`an agent that is talked to by the Agent Client Protocol is passed through and read: it ${how}`, async () => {
    const args = ['run', '--id', `acp-${how}`, ...at, '--', process.execPath, '-e', AGENT, how];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers: { readonly id?: number }[] = [];
    let raw = '';
    const ended = new Promise((done) => child.once('close', done));
    child.stdout.on('data', (chunk) => (raw += String(chunk)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { readonly id?: number };
      answers.push(answer);
      if (answer.id === undefined) return;
      const next = REQUESTS[answer.id + 1];
      if (next === undefined) child.stdin.end();
      else ask(answer.id + 1, next);
    });
    const ask = (id: number, method: string): void =>
      void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: { sessionId: 's1' } })}\n`);
    ask(0, 'initialize');
    await ended;
    await published(root.path);
    assert.deepEqual(
      answers.flatMap(({ id }) => id ?? []),
      how === 'ends' ? [0, 1, 2] : [0, 1],
    );
    const { verdict, failures } = root.json('sessions', `acp-${how}`, 'summary.json') as {
      readonly verdict: { readonly cause: string };
      readonly failures: { readonly format: string; readonly counts: object; readonly unclosed_calls: number };
    };
    assert.equal(verdict.cause, cause);
    const counts = how === 'dies' ? { network: 1, unknown: 1 } : { network: 1 };
    assert.deepEqual([failures.format, failures.counts], ['acp_stream', counts]);
    assert.equal(failures.unclosed_calls, how === 'dies' ? 1 : 0);
    assert.equal(readFileSync(join(root.path, 'sessions', `acp-${how}`, 'stdout.log'), 'utf8'), raw);
  });
