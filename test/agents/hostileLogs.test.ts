import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FAILURE_CATEGORIES, TOOL_KINDS } from '../../src/core/words/vocabulary.ts';
import { analyzed, analyzerOf } from './analyze.ts';
import * as make from './fixtures.ts';
import { TELLERS } from './tellers.ts';

/** One log per format whose every string is a canary, in the position where a reader looks and where it does not. */
function logsWith(text: string): Record<string, object[]> {
  const extra = {
    [text]: text,
    cwd: text,
    version: text,
    gitBranch: text,
    agentId: text,
    error: text,
    timestamp: text,
  };
  const note = `<task-notification>${text}<status>failed</status>${text}</task-notification>`;
  const claudeLines = [
    make.claudePrompt(text, extra),
    make.claudeCall(text, 'Bash', { command: text, description: text }, { cwd: text }),
    make.claudeResult(text, `Exit code 127\n${text}: command not found\n${text}`, true, {
      toolUseResult: `Error: ${text}`,
    }),
    make.claudeCall(`x${text}`, text, { [text]: text }),
    make.claudeResult(`x${text}`, text, true, { toolUseResult: { stdout: text, code: text } }),
    make.claudePrompt(note),
    make.claude('assistant', {
      isApiErrorMessage: true,
      error: text,
      apiErrorStatus: text,
      message: { content: [{ type: 'text', text }] },
    }),
    make.claude(text, { subtype: text, message: text }),
    make.claudeCall(`y${text}`, `mcp__${text}__${text}`, {}),
  ];
  const streamLines = [
    make.stream('system', { subtype: 'init', cwd: text, tools: [text], mcp_servers: [{ name: text, status: text }] }),
    make.stream('assistant', {
      message: { content: [{ type: 'tool_use', id: text, name: text, input: text }] },
      error: text,
    }),
    make.stream('user', {
      message: { content: [{ type: 'tool_result', tool_use_id: text, content: text, is_error: true }] },
    }),
    make.stream('result', {
      subtype: text,
      num_turns: 1,
      errors: [text],
      result: text,
      terminal_reason: text,
      permission_denials: [{ tool_name: text, tool_use_id: `d${text}` }],
    }),
  ];
  const codexLines = [
    make.codex('session_meta', { id: text, cwd: text, instructions: text, git: { branch: text } }),
    make.codex('event_msg', { type: 'task_started', turn_id: text }),
    make.codexCall(text, text, text),
    make.codexOutput(
      text,
      JSON.stringify({ output: `${text}: No such file or directory`, metadata: { exit_code: 1 } }),
    ),
    make.codexCall(`z${text}`, text),
    make.codexOutput(
      `z${text}`,
      `failed in sandbox ${text} with execution error: sandbox denied exec error, exit code: 1, stdout: ${text}, stderr: ${text}`,
    ),
    make.codex('event_msg', { type: 'error', message: text, codex_error_info: text }),
    make.codex('event_msg', {
      type: 'task_complete',
      error: { message: JSON.stringify({ error: { message: text, type: text } }) },
    }),
    make.codex(text, { type: text }),
  ];
  const execLines = [
    { type: 'thread.started', thread_id: text },
    { type: 'turn.started', [text]: text },
    {
      type: 'item.completed',
      item: {
        id: text,
        type: 'command_execution',
        command: text,
        aggregated_output: `${text}: Permission denied`,
        exit_code: 1,
        status: 'failed',
      },
    },
    {
      type: 'item.completed',
      item: { id: text, type: 'mcp_tool_call', server: text, tool: text, error: { message: text }, status: 'failed' },
    },
    { type: 'turn.failed', error: { message: text } },
  ];
  const geminiLines = [
    { sessionId: text, projectHash: text, startTime: text },
    make.geminiMessage(text, [
      make.geminiCall(text, 'error', { error: text, [text]: text }, { name: text, errorType: text }),
    ]),
    { id: text, type: 'error', timestamp: text, content: text },
  ];
  const geminiStreamLines = [
    { type: 'init', session_id: text, timestamp: text, model: text },
    { type: 'tool_use', tool_name: text, tool_id: text, parameters: { command: text } },
    { type: 'tool_result', tool_id: text, status: 'error', output: text, error: { type: text, message: text } },
    { type: 'result', status: 'error', error: { type: text, message: text } },
  ];
  const whaleLines = [
    { event: 'turn.started', thread_id: text, timestamp: text, payload: { text } },
    {
      event: 'item.failed',
      thread_id: text,
      item_id: text,
      timestamp: text,
      payload: { item: { id: text, kind: text, summary: text, detail: text } },
    },
    { event: text, thread_id: text, payload: {} },
    { event: 'turn.completed', thread_id: text, payload: { turn: { status: 'failed', error: text } } },
  ];
  const devboyLines = [
    { ts: text, skill: text, session_id: text, phase: 'start', payload: { text } },
    { ts: text, skill: text, session_id: text, phase: 'tool_call', payload: { tool: text } },
    { ts: text, skill: text, session_id: text, phase: 'tool_result', payload: { tool: text, ok: false, error: text } },
    { ts: text, skill: text, session_id: text, phase: 'end', payload: { outcome: 'failure', summary: text } },
  ];
  const genericLines = [
    { ts: text, level: 'error', message: text, tool: text, error: { message: text, code: text }, [text]: [text] },
  ];
  return {
    claudeLines,
    streamLines,
    codexLines,
    execLines,
    geminiLines,
    geminiStreamLines,
    whaleLines,
    devboyLines,
    genericLines,
    ...toldLines(text),
  };
}

/** The same of the formats that have a teller: a shell call, a refused one, an open one and the service's last word. */
function toldLines(text: string): Record<string, object[]> {
  return Object.fromEntries(
    Object.entries(TELLERS).map(([name, teller]) => {
      const asked = { id: text, tool: teller.shell, args: { command: text, commands: [text], [text]: text } };
      const other = { id: `x${text}`, tool: text, args: { [text]: text } };
      const open = { ...asked, id: `y${text}` };
      const lines = [
        ...(teller.document === undefined ? [] : [{ ...teller.document.header, [text]: text }]),
        ...teller.begin,
        ...teller.ask(asked),
        ...teller.ran(asked, 3, `${text}: Permission denied`),
        ...teller.ask(other),
        ...teller.refused(other, text),
        ...teller.ask(open),
        ...(teller.failed?.(400, text) ?? []),
      ];
      return [name, lines];
    }),
  );
}

/** Built at run time, so that no scanner takes this file for a leak. */
const SECRET = ['gh', 'p_', 'Zq7'.repeat(12)].join('');
const CANARIES = [
  'canary-7f3a9',
  '/home/canary-7f3a9/project',
  SECRET,
  'mail.canary-7f3a9@host.example',
  JSON.stringify({ secret: 'canary-7f3a9', path: '/home/canary-7f3a9' }),
  JSON.stringify(JSON.stringify({ secret: 'canary-7f3a9' })),
];

for (const canary of CANARIES) {
  test(`no byte of a log's text leaves, in any format: ${canary === SECRET ? 'a token' : canary.slice(0, 24)}`, () => {
    for (const [name, lines] of Object.entries(logsWith(canary))) {
      for (const isDead of [false, true]) {
        const analyzer = analyzerOf(lines);
        if (isDead) analyzer.finish();
        // The calls carry their words: for this machine's own screens, and for nothing that leaves it.
        const output = JSON.stringify([analyzer.snapshotOf(), analyzer.jobs()]);
        assert.doesNotMatch(output, /canary|7f3a9|Zq7/, name);
        if (isDead) assert.ok(analyzer.snapshotOf().sources.length > 0, `${name} found nothing, so it proves nothing`);
      }
    }
  });
}

test('a number that is no exit code does not leave', () => {
  const failures = analyzed([{ exit_code: 4_915_112_345_678 }, { exit_code: 0xc000_0005 }]);
  assert.deepEqual(
    failures.sources.map((source) => source.exit_code),
    [undefined, 0xc000_0005],
  );
});

test('words that mean something to JavaScript mean nothing in a log', () => {
  for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    for (const lines of Object.values(logsWith(word))) {
      const analyzer = analyzerOf(lines);
      for (const { tool_kind } of analyzer.calls()) assert.ok(TOOL_KINDS.includes(tool_kind), word);
      for (const { category, tool_kind } of analyzer.snapshotOf().sources) {
        assert.ok(FAILURE_CATEGORIES.includes(category), word);
        assert.ok(tool_kind === undefined || TOOL_KINDS.includes(tool_kind), word);
      }
    }
  }
});

const anyJson = fc.jsonValue({ maxDepth: 6 });
const SEEDS = Object.values(logsWith('text')).flat();
const KEYS = [...new Set(SEEDS.flatMap((line) => JSON.stringify(line).match(/"\w+"(?=:)/g) ?? []))].map((key) =>
  key.slice(1, -1),
);

/** A real line with some of its values replaced by anything: what gets past the detection and into the readers. */
const bentLine = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(fc.tuple(fc.constantFrom(...KEYS), anyJson), { maxLength: 3 }))
  .map(([seed, replacements]) => {
    const bent = new Map(replacements);
    return JSON.stringify(seed, (key, value: unknown) => (bent.has(key) ? bent.get(key) : value));
  });
const anyLine = fc.oneof(
  bentLine,
  anyJson.map((value) => JSON.stringify(value)),
  fc.string(),
  fc.string({ unit: 'binary' }),
);

test('whatever a log says, the analyzer answers and counts its lines', () => {
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 1, maxLength: 50 }), (lines) => {
      const failures = analyzed(lines);
      assert.equal(failures.total_lines, lines.length);
      assert.ok(failures.malformed_lines <= lines.length);
    }),
    { numRuns: 4000 },
  );
});

test('huge lines, deep nesting and huge numbers are read in bounded time', () => {
  const depth = 200_000;
  const hostile = [
    `{"type":"thread.started","x":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `{"type":"item.completed","item":{"id":"i","type":"command_execution","status":"failed","exit_code":1e999,"aggregated_output":${JSON.stringify('x: '.repeat(1_700_000))}}}`,
    `{"type":"item.completed","item":{"id":"j","type":"command_execution","status":"failed","exit_code":1,"command":${JSON.stringify("'a ;|".repeat(1_000_000))},"aggregated_output":${JSON.stringify('error: \n'.repeat(700_000))}}}`,
    `{"type":"error","message":${JSON.stringify('{'.repeat(5_000_000))}}`,
    '\uFFFD'.repeat(5_000_000),
  ];
  const start = performance.now();
  const failures = analyzed(hostile);
  assert.ok(performance.now() - start < 3000, 'it took longer than 3 s');
  assert.equal(failures.malformed_lines, 1);
});

test('a document that stops in the middle of deep nesting is read in bounded time', () => {
  const depth = 300_000;
  const start = performance.now();
  const failures = analyzed([
    '{',
    '"sessionId": "s", "projectHash": "h",',
    `"messages": [${'['.repeat(depth)}${']'.repeat(depth - 9)}`,
  ]);
  assert.ok(performance.now() - start < 3000, 'it took longer than 3 s');
  assert.equal(failures.total_lines, 3);
});

test('ids that never repeat and turns that never end do not pile up', () => {
  const analyzer = analyzerOf([{ type: 'thread.started' }]);
  for (let i = 0; i < 60_000; i++) {
    analyzer.push(`{"type":"item.started","item":{"id":"i${i}","type":"command_execution","command":"x"}}`);
    if (i % 2 === 0) {
      analyzer.push(
        `{"type":"item.completed","item":{"id":"i${i}","type":"command_execution","status":"failed","exit_code":1,"aggregated_output":""}}`,
      );
    }
  }
  const failures = analyzer.snapshotOf();
  assert.equal(failures.counts.command_exit, 30_000);
  assert.equal(failures.sources.length, 10_000);
  assert.ok(analyzer.calls().length <= 2 * 20_000 + 4096);
});

test('a document that is too large to be kept is given up', () => {
  const analyzer = analyzerOf(['{']);
  const line = ' '.repeat(1024 * 1024);
  for (let i = 0; i < 65; i++) analyzer.push(line);
  const { total_lines, malformed_lines } = analyzer.snapshotOf();
  assert.deepEqual([total_lines, malformed_lines > 0], [66, true]);
});
