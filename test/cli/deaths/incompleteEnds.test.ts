import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { HEALTHY, INCOMPLETE, textOf, type EndFormat } from '../../agents/sessionEnds.ts';
import { linesOf, TELLERS, type Teller } from '../../agents/tellers.ts';
import { AT as STEADY } from '../../agents/fixtures.ts';
import { published, runCli, startCli, testRoot, until } from '../builtCli.ts';

const root = testRoot();
const base = realpathSync(mkdtempSync(join(tmpdir(), 'incomplete-ends-')));
after(() => {
  root.remove();
  rmSync(base, { recursive: true, force: true });
});

const DAY = new Date().toISOString().slice(0, 10).split('-').join('/');

/** Where an agent keeps its own log of a session in `cwd`; what is missing here is printed. */
const OWN_LOGS: Readonly<Record<string, (home: string, cwd: string) => string>> = {
  claude_transcript: (home, cwd) => join(home, '.claude/projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'), 's1.jsonl'),
  codex_rollout: (home) => join(home, '.codex/sessions', DAY, 'rollout-1.jsonl'),
  gemini_session: (home) => join(home, '.gemini/tmp/h/chats/session-1.jsonl'),
  qwen_chat: (home, cwd) => join(home, '.qwen/projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'), 'chats/s-1.jsonl'),
  pi_session: (home, cwd) =>
    join(home, '.pi/agent/sessions', `--${cwd.slice(1).replaceAll('/', '-')}--`, 't_s-1.jsonl'),
  copilot_events: (home) => join(home, '.copilot/session-state/s-1/events.jsonl'),
  cline_messages: (home) => join(home, '.cline/data/sessions/s-1/s-1.messages.json'),
  continue_session: (home) => join(home, '.continue/sessions/s-1.json'),
  droid_session: (home) => join(home, '.factory/sessions/w/s-1.jsonl'),
};

let count = 0;

const PROGRAMS: Readonly<Record<string, string>> = { cursor: 'cursor-agent', continue: 'cn' };

interface Log {
  readonly format: string;
  readonly lines: readonly (object | string)[];
}

/** A program named like the agent, which leaves what it is given, on its stdout or in its own log. */
function fakeAgent(logs: readonly Log[], then: string) {
  count += 1;
  const home = join(base, `home${count}`);
  const cwd = join(home, 'work');
  mkdirSync(cwd, { recursive: true });
  const copies = logs.map(({ format, lines }, index) => {
    const source = join(cwd, `log${index}`);
    const text = textOf(lines)
      .replace(/"(cwd|workspaceDirectory)":( ?)"(?:\/srv)?"/g, `"$1":$2${JSON.stringify(cwd)}`)
      .replaceAll(/2026-0[23]-0\dT[0-9:.]+Z/g, new Date().toISOString())
      .replaceAll(String(Date.parse(STEADY)), String(Date.now()));
    writeFileSync(source, text);
    const place = OWN_LOGS[format]?.(home, cwd);
    if (place === undefined) return `cat ${source}`;
    mkdirSync(dirname(place), { recursive: true });
    return `cp ${source} ${place}`;
  });
  const word = logs[0]?.format.split('_')[0] ?? 'agent';
  const program = join(cwd, PROGRAMS[word] ?? word);
  writeFileSync(program, ['#!/bin/sh', ...copies, then, ''].join('\n'), { mode: 0o755 });
  return {
    cwd,
    program,
    id: `end-${count}`,
    env: { HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude'), CODEX_HOME: join(home, '.codex') },
  };
}

async function endOf(logs: readonly Log[], then = 'exit 0') {
  const { cwd, program, id, env } = fakeAgent(logs, then);
  const { code } = await runCli(['run', '--log-dir', root.path, '--id', id, '--', program], { cwd, env });
  return { id, code, summary: summaryOf(id) };
}

interface Told {
  readonly outcome: string;
  readonly cause: string;
  readonly layer: string;
  readonly confidence: string;
  readonly detail?: string;
  readonly evidence: readonly { readonly kind: string; readonly name?: string }[];
}

function summaryOf(id: string): Record<string, unknown> & { readonly verdict: Told } {
  return root.json('sessions', id, 'summary.json') as Record<string, unknown> & { verdict: Told };
}

function toldOf({ verdict, success, subtype, exit_code }: ReturnType<typeof summaryOf>) {
  const { outcome, cause, layer, confidence } = verdict;
  return { outcome, cause, layer, confidence, success, subtype, exit_code };
}

describe('an exit with 0 that its own log contradicts', { concurrency: 3 }, () => {
  for (const sample of INCOMPLETE) {
    const { format, end, cause, layer, confidence } = sample;
    test(`${format}, ${end}${sample.detail === undefined ? '' : ` (${sample.detail})`}`, async () => {
      const { code, summary } = await endOf([sample]);
      assert.equal(code, 0);
      const told = {
        outcome: 'incomplete',
        cause,
        layer,
        confidence,
        success: false,
        subtype: 'incomplete',
        exit_code: 0,
      };
      assert.deepEqual(toldOf(summary), told, JSON.stringify(summary.verdict));
      assert.equal(summary.verdict.detail, sample.detail);
      assert.ok(summary.verdict.evidence.some(({ kind, name }) => kind === 'transcript_end' && name === end));
    });
  }
});

/** The whole of a log, a document on lines of its own. */
function logOf(format: string, teller: Teller, records: readonly object[]): Log {
  if (teller.document === undefined) return { format, lines: records };
  return { format, lines: [linesOf(teller, records).join('\n')] };
}

/** Of a database's rows nothing is printed or copied. */
const KEPT_IN_FILES = Object.entries(TELLERS).filter(([format]) => format !== 'opencode_database');

describe('an exit with 0 in the middle of a turn, by every other format', { concurrency: 3 }, () => {
  for (const [format, teller] of KEPT_IN_FILES) {
    const call = { id: 'c1', tool: teller.shell, args: { command: 'make' } };
    const failed = teller.failed?.(429, 'Too many requests.');
    const stops = failed ?? [...teller.ask(call), ...teller.ran(call, 0, 'ok')];
    // A trajectory may end with the answer of a call.
    const cause = format === 'atif_trajectory' ? 'completed' : 'ended_mid_task';
    test(`${format}: ${failed === undefined ? 'no answer' : 'its service says no'}`, async () => {
      const { summary } = await endOf([logOf(format, teller, [...teller.begin, ...stops])]);
      const { verdict } = summary;
      assert.equal(verdict.cause, cause, JSON.stringify(verdict));
      if (failed === undefined) return;
      assert.deepEqual([verdict.layer, verdict.detail], ['environment', 'rate_limit'], JSON.stringify(verdict));
    });

    test(`${format}: a healthy session is a success`, async () => {
      const { summary } = await endOf([logOf(format, teller, [...teller.begin, ...teller.end])]);
      assert.deepEqual(toldOf(summary), SUCCESS, JSON.stringify(summary.verdict));
    });
  }
});

const SUCCESS = {
  outcome: 'succeeded',
  cause: 'completed',
  layer: 'none',
  confidence: 'certain',
  success: true,
  subtype: 'success',
  exit_code: 0,
};
const of = (format: EndFormat, end?: string) => {
  const found =
    end === undefined
      ? HEALTHY.find((one) => one.format === format)
      : INCOMPLETE.find((one) => one.format === format && one.end === end);
  assert.ok(found);
  return found;
};

describe('an exit with 0 that nothing contradicts', { concurrency: 3 }, () => {
  for (const sample of new Map(HEALTHY.map((one) => [one.format, one])).values()) {
    test(`${sample.format}, a healthy log`, async () => {
      assert.deepEqual(toldOf((await endOf([sample])).summary), SUCCESS);
    });
  }

  test('plain words, frightening ones too, prove nothing', async () => {
    const { summary } = await endOf([], 'echo "Error: 401, the turn failed {"; exit 0');
    assert.deepEqual(toldOf(summary), SUCCESS);
  });

  test('a stream that ends well outweighs an own log that stops earlier', async () => {
    const { summary } = await endOf([of('gemini_stream'), of('gemini_session', 'call_open')]);
    assert.deepEqual(toldOf(summary), SUCCESS);
  });
});

test('what only the stream knows of a failed service is told, though an own log was found', async () => {
  const { summary, id } = await endOf([of('gemini_stream', 'error_result'), of('gemini_session')]);
  assert.equal(summary.verdict.cause, 'ended_mid_task');
  assert.equal(summary.verdict.layer, 'environment');
  assert.deepEqual(countsOf(summary), { network: 1 });
  const listed = await runCli(['list', '--failed', '--json', '--log-dir', root.path]);
  assert.ok((JSON.parse(listed.stdout) as { dir_name: string }[]).some(({ dir_name }) => dir_name === id));
  const said = await runCli(['show', id, '--log-dir', root.path]);
  assert.match(said.stdout, /Exited with code 0 in the middle of its work/);
});

function countsOf(summary: ReturnType<typeof summaryOf>): unknown {
  return (summary['failures'] as { counts: unknown } | null)?.counts;
}

test('what both its log and its stream tell is counted once', async () => {
  const failed = { isApiErrorMessage: true, error: 'rate_limit', apiErrorStatus: 429 };
  const message = { role: 'assistant', content: [{ type: 'text', text: 'API Error: 429 slow down' }] };
  const own = {
    format: 'claude_transcript',
    lines: [{ type: 'assistant', sessionId: 's1', uuid: 'u', message, ...failed }],
  };
  const { summary } = await endOf([of('claude_stream', 'error_result'), own]);
  assert.equal(summary.verdict.outcome, 'incomplete');
  assert.match(String(summary['transcript']), /projects/);
  assert.deepEqual(countsOf(summary), { network: 1 });
});

test('a call that only the stream knows to be open is told', async () => {
  const { summary } = await endOf([of('gemini_stream', 'call_open'), of('gemini_session')], 'kill -KILL $$');
  assert.equal(summary.verdict.outcome, 'died');
  const { unclosed_calls: open, sources } = summary['failures'] as {
    unclosed_calls: number;
    sources: { rule: string }[];
  };
  assert.deepEqual([open, sources.map(({ rule }) => rule)], [1, ['open_at_death']]);
});

test('SIGTERM while a call is open, then exit 0: the sender ended it, in the middle of its work', async () => {
  const { cwd, program, id, env } = fakeAgent(
    [of('claude_stream', 'call_open')],
    'trap "exit 0" TERM; echo; while :; do sleep 0.1; done',
  );
  const started = startCli(['run', '--log-dir', root.path, '--id', id, '--', program], { cwd, env });
  let printed = '';
  started.child.stdout?.on('data', (text: string) => (printed += text));
  await until('the agent to be in its call', () => printed.includes('\n\n'));
  started.child.kill('SIGTERM');
  assert.equal((await started.finished).code, 0);
  await published(root.path);
  const summary = summaryOf(id);
  const { verdict } = summary;
  assert.deepEqual(
    [verdict.outcome, verdict.cause, verdict.layer, verdict.confidence],
    ['incomplete', 'ended_mid_task', 'lifecycle', 'likely'],
    JSON.stringify(verdict),
  );
  assert.equal(summary['subtype'], 'incomplete');
});

for (const [code, detail] of [
  [145, 'auth'],
  [173, 'rate_limit'],
  [244, 'overloaded'],
  // 400 does not say what was wrong with the request: the stream does.
  [144, 'rate_limit'],
] as const) {
  test(`Gemini's exit code ${code} is an answer of its service, not a signal`, async () => {
    const { summary } = await endOf([of('gemini_stream', 'error_result')], `exit ${code}`);
    assert.equal(summary.verdict.outcome, 'failed');
    assert.equal(summary.verdict.cause, 'exit_nonzero');
    assert.equal(summary.verdict.detail, detail);
  });
}
