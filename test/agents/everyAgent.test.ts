import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TRANSCRIPT_FORMATS } from '../../src/agents/agentList.ts';
import { detectTranscriptFormat } from '../../src/agents/transcriptReader.ts';
import { AGENT_FORMATS } from '../../src/core/words/agentTable.ts';
import { analyzed, analyzerOf, found } from './analyze.ts';
import { AT } from './fixtures.ts';
import { linesOf, TELLERS, type Asked, type Teller } from './tellers.ts';

const call = (id: string, tool: string, args: object = {}): Asked => ({ id, tool, args });

/** One call that works, one that misses its program, one that finds nothing, one that never ran. */
function story(teller: Teller): readonly object[] {
  const ls = call('c1', teller.shell, { command: 'ls' });
  const frob = call('c2', teller.shell, { command: 'frob --all' });
  const grep = call('c3', teller.shell, { command: 'grep -q x y' });
  const edit = call('c4', 'edit', { path: 'a' });
  return [
    teller.begin,
    teller.ask(ls),
    teller.ran(ls, 0, 'error: command not found, says a file'),
    teller.ask(frob),
    teller.ran(frob, 127, '/bin/bash: line 1: frob: command not found\n'),
    teller.ask(grep),
    teller.ran(grep, 1, ''),
    teller.ask(edit),
    teller.refused(edit, 'File has not been read yet. Read it first before writing to it.'),
  ].flat();
}

/** What only the text of a result tells cannot be told of every format. */
const SILENT = new Set(['atif_trajectory']);

for (const [name, teller] of Object.entries(TELLERS)) {
  test(`${name}: what failed is told, and an answer ends the turn`, () => {
    const failures = analyzed(linesOf(teller, [...story(teller), ...teller.end]));
    assert.equal(failures.format, name);
    assert.deepEqual(
      failures.sources.map(({ category, rule, tool_kind }) => `${category} ${rule} ${tool_kind}`),
      ['missing_dependency command_not_found shell', ...(SILENT.has(name) ? [] : ['tool_schema tool_contract edit'])],
    );
    assert.equal(failures.malformed_lines, 0);
    assert.deepEqual(failures.unclosed_turns, { at_end: 0, in_middle: 0 });
  });

  if (teller.tellsEndedCallsOnly !== true) {
    test(`${name}: a call that was open when the log stopped is told`, () => {
      const open = call('c9', teller.shell, { command: 'make' });
      const failures = analyzed(linesOf(teller, [...story(teller), ...teller.ask(open)]));
      assert.deepEqual(
        failures.sources.slice(2).map(({ rule, tool_kind }) => `${rule} ${tool_kind}`),
        ['call_open_at_end shell'],
      );
    });
  }

  if (teller.failed !== undefined) {
    const told = teller.failed;
    test(`${name}: a service that says no is told once, and ends the session`, () => {
      const failures = analyzed(linesOf(teller, [...teller.begin, ...told(429, 'You exceeded your current quota.')]));
      assert.deepEqual(failures.counts, { network: 1 });
      assert.equal(failures.ended_by, 'network');
      assert.equal(failures.suspect.layer, 'environment');
    });
  }

  test(`${name}: how its session ended is told`, () => {
    const ending = (records: readonly object[]): string => {
      const analyzer = analyzerOf(linesOf(teller, records));
      analyzer.finish();
      return analyzer.ending();
    };
    assert.equal(ending([...story(teller), ...teller.end]), 'answered');
    assert.equal(ending(story(teller)), 'open');
    if (teller.failed !== undefined) assert.equal(ending([...teller.begin, ...teller.failed(500, 'x')]), 'failed');
  });

  test(`${name}: its first lines tell what it is`, () => {
    const lines = linesOf(teller, story(teller)).map((line) =>
      typeof line === 'string' ? line : JSON.stringify(line),
    );
    assert.equal(detectTranscriptFormat(lines.slice(0, 32)), name);
  });

  if (teller.document !== undefined) {
    test(`${name}: a document that stops in the middle tells what is whole of it`, () => {
      const lines = linesOf(teller, [...story(teller), ...teller.end]).map(String);
      const torn = analyzed([...lines.slice(0, -6), '\0\0\0']);
      assert.deepEqual([torn.format, torn.counts.missing_dependency], [name, 1]);
    });
  }
}

test('a request that failed and was made again is no failure', () => {
  const names = ['qwen_chat', 'pi_session', 'pi_stream'];
  for (const name of names) {
    const teller = TELLERS[name];
    assert.ok(teller?.failed !== undefined);
    const recovered = [...teller.begin, ...teller.failed(503, 'busy'), ...teller.end];
    const { counts, suspect } = analyzed(linesOf(teller, recovered));
    assert.deepEqual([counts, suspect.layer], [{}, 'none'], name);
  }
});

test('a log in which a request was failing while a person went on tells that failure', () => {
  const teller = TELLERS['pi_session'];
  assert.ok(teller?.failed !== undefined);
  const prompt = { type: 'message', id: 'z', parentId: null, message: { role: 'user', content: [] } };
  const { counts, ended_by } = analyzed([...teller.begin, ...teller.failed(500, 'x'), prompt, ...teller.end]);
  assert.deepEqual([counts, ended_by], [{ network: 1 }, undefined]);
});

test('copilot: a turn that ends while its request is refused was given up, and says of what', () => {
  const teller = TELLERS['copilot_events'];
  const refused = teller?.failed?.(429, 'Too many requests').slice(0, 2) ?? [];
  const [answer] = teller?.end ?? [];
  const event = (type: string): object => ({ type, data: { turnId: '0' }, id: type, timestamp: AT, parentId: null });
  const stream = (...events: readonly (object | undefined)[]): readonly string[] =>
    found(analyzed([event('user.message'), event('assistant.turn_start'), ...events, event('assistant.turn_end')]));
  assert.deepEqual(stream(...refused), ['3 network http_rate_limit']);
  assert.deepEqual(stream(...refused, answer), []);
});

test("cline: the class of an error says what its service's words do not", () => {
  const teller = TELLERS['cline_stream'];
  if (teller === undefined) throw new Error('there is a teller of Cline');
  const event = { type: 'error', error: { message: 'Not for you.' }, errorClass: 'auth', recoverable: false };
  const told = analyzed([...teller.begin, { ts: AT, type: 'agent_event', event }]);
  assert.deepEqual(found(told)[0], '3 network field_authentication');
});

test('copilot: what is open when it is stopped stays open, although the session is shut down in good order', () => {
  const teller = TELLERS['copilot_events'];
  if (teller === undefined) throw new Error('there is a teller of Copilot');
  const abort = { type: 'abort', data: { reason: 'user_initiated' }, id: 'a', timestamp: AT, parentId: null };
  const lines = [...teller.begin, ...teller.ask(call('c1', teller.shell)), abort, teller.end.at(-1)];
  assert.deepEqual(found(analyzed(lines)), ['5 unknown call_open_at_end']);
});

test('pi: a turn that was aborted never came to its end, unless a person goes on', () => {
  const teller = TELLERS['pi_session'];
  if (teller === undefined) throw new Error('there is a teller of pi sessions');
  const message = { role: 'assistant', content: [], stopReason: 'aborted', errorMessage: 'This operation was aborted' };
  const aborted = { type: 'message', id: 'x', parentId: 'b', timestamp: AT, message };
  const asked = { ...aborted, id: 'y', parentId: 'x', message: { role: 'user', content: [] } };
  assert.deepEqual(found(analyzed([...teller.begin, aborted])), ['3 unknown turn_open_at_end']);
  assert.deepEqual(found(analyzed([...teller.begin, aborted, asked, ...teller.end])), []);
});

test('pi: what was open on a branch that somebody left is not open', () => {
  const teller = TELLERS['pi_session'];
  assert.ok(teller !== undefined);
  const left = teller.ask(call('c1', 'bash', { command: 'make' }));
  const back = { type: 'message', id: 'y', parentId: 'elsewhere', message: { role: 'user', content: [] } };
  const answer = {
    type: 'message',
    id: 'z',
    parentId: 'y',
    message: { role: 'assistant', content: [], stopReason: 'stop' },
  };
  const failures = analyzed([...teller.begin, ...left, back, answer]);
  assert.deepEqual([failures.counts, failures.unclosed_calls, failures.unclosed_turns.at_end], [{}, 0, 0]);
});

test('the limits of shells are told as limits', () => {
  const limits: readonly (readonly [string, (teller: Teller, asked: Asked) => readonly object[]])[] = [
    ['pi_session', (teller, asked) => teller.refused(asked, 'main\n\n\nCommand timed out after 2 seconds')],
    [
      'continue_session',
      (teller, asked) => teller.answered(asked, 'main\n\n[Command timed out after 2 seconds of no output]'),
    ],
    ['cline_stream', (teller, asked) => teller.refused(asked, 'Command failed: Command timed out after 30000ms')],
    [
      'qwen_stream',
      (teller, asked) => teller.refused(asked, 'Command timed out after 1500ms before it could complete.\nmain'),
    ],
    [
      'opencode_run',
      (_, { id, tool, args }) => [
        {
          type: 'tool_use',
          sessionID: 's',
          part: {
            type: 'tool',
            tool,
            callID: id,
            state: {
              status: 'completed',
              input: args,
              output:
                'main\n\n<shell_metadata>\nshell tool terminated command after exceeding timeout 1500 ms. Retry.\n</shell_metadata>',
              metadata: { exit: null },
            },
          },
        },
      ],
    ],
  ];
  for (const [name, told] of limits) {
    const teller = TELLERS[name];
    assert.ok(teller !== undefined);
    const asked = call('c1', teller.shell, { command: 'tail -f x' });
    const { counts } = analyzed(
      linesOf(teller, [...teller.begin, ...teller.ask(asked), ...told(teller, asked), ...teller.end]),
    );
    assert.deepEqual(counts, { timeout: 1 }, name);
  }
});

test('every format that reports may name has a reader, and every reader a name there', () => {
  assert.deepEqual(TRANSCRIPT_FORMATS.map(({ name }) => name).sort(), [...AGENT_FORMATS].sort());
});

test('the times of a log in milliseconds are told as instants', () => {
  const teller = TELLERS['opencode_run'];
  assert.ok(teller !== undefined);
  assert.equal(analyzerOf(teller.begin).snapshotOf().first_ts, '2026-02-03T04:05:06.000+00:00');
});
