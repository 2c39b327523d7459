import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../../src/core/session/verdict.ts';
import { ADVICE } from '../../../src/core/story/advice.ts';
import { storyOf } from '../../../src/core/story/storyOf.ts';
import type { CallFact, FailureFact, ProcessFact, StoryFacts } from '../../../src/core/story/storyFacts.ts';

const VERDICT: Verdict = {
  outcome: 'failed',
  cause: 'exit_nonzero',
  layer: 'unknown',
  confidence: 'certain',
  evidence: [],
};
const RUNNING: Verdict = { outcome: 'running', cause: 'unknown', layer: 'none', confidence: 'certain', evidence: [] };
const NOTHING: StoryFacts = {
  verdict: VERDICT,
  isRunning: false,
  exitCode: undefined,
  signal: undefined,
  durationSeconds: undefined,
  timeoutSeconds: undefined,
  memory: undefined,
  peakTreeKb: undefined,
  call: undefined,
  failure: undefined,
  processes: [],
  killedForMemory: [],
  lastWords: undefined,
  silentSeconds: undefined,
  forecast: undefined,
  leftovers: 0,
};
const CALL: CallFact = {
  tool_kind: 'shell',
  asked: 'cat fifo',
  answer: undefined,
  status: 'open',
  seconds: 190,
  handle: undefined,
};
const FAILURE: FailureFact = {
  category: 'network',
  detail: 'dns',
  exitCode: 1,
  asked: undefined,
  answer: undefined,
  isLast: true,
  hasEndedIt: true,
  handle: undefined,
};
const PROCESS: ProcessFact = {
  pid: 7,
  comm: 'python3',
  command: '/usr/bin/python3 build.py',
  rssKb: 300 * 1024,
  wchan: 'pipe_read',
  isTracked: false,
  isWaitedFor: true,
};
const KILL: Verdict = {
  ...VERDICT,
  outcome: 'died',
  cause: 'oom_kill',
  evidence: [
    { kind: 'kernel_log', pid: 24780, name: 'claude' },
    { kind: 'memory_pressure', name: 'cgroup_memory_kb', value: 372 * 1024, limit: 400 * 1024 },
  ],
};
const of = (part: Partial<Verdict>): Partial<StoryFacts> => ({ verdict: { ...VERDICT, ...part } });
const failed = (category: FailureFact['category'], detail: string): Partial<StoryFacts> => ({
  failure: { ...FAILURE, category, detail },
});
const running = (part: Partial<StoryFacts>, activity?: Verdict['activity']): Partial<StoryFacts> => ({
  isRunning: true,
  verdict: { ...RUNNING, ...(activity !== undefined && { activity }) },
  ...part,
});

/** The story as a person reads it, a line each; the quoted lines behind a bar. */
function told(part: Partial<StoryFacts>): readonly string[] {
  return storyOf({ ...NOTHING, ...part }).flatMap(({ text, quoted }) => [text, ...quoted.map((line) => `| ${line}`)]);
}

const STORIES: readonly (readonly [title: string, facts: Partial<StoryFacts>, story: readonly string[]])[] = [
  [
    'an agent that the kernel killed, with its call and its biggest process',
    {
      verdict: KILL,
      call: { ...CALL, asked: 'npm test', seconds: 2.5 },
      processes: [PROCESS, { ...PROCESS, pid: 8, rssKb: 1024 }],
    },
    [
      'Out of memory: the kernel killed claude (pid 24780) at 372 MiB of 400 MiB, the limit of its container.',
      'It was in a shell call, open for 2.5 s: `npm test`.',
      '`python3 build.py` (pid 7) was the biggest process: 300 MiB of the 301 MiB of 2 processes.',
      'Raise the memory limit to about 1.0 GiB, or let it do less at once (fewer workers, one test file at a time). Trying again unchanged will most likely end the same way.',
    ],
  ],
  [
    'a likely OOM kill that nobody logged, on a machine without a limit',
    { ...of({ outcome: 'died', cause: 'oom_kill', confidence: 'likely' }), peakTreeKb: 2048 * 1024 },
    [
      'Probably out of memory: the kernel killed it; it and its processes had used 2.0 GiB.',
      'Free memory on this machine, or let it do less at once (fewer workers, one test file at a time). Trying again unchanged will most likely end the same way.',
    ],
  ],
  [
    'a script, by its exit code and last words, without its stack',
    {
      exitCode: 3,
      lastWords: {
        stream: 'stderr',
        lines: ['Error: boom', '    at Module.load (node:internal:1:2)', 'dns: no such host', ''],
      },
    },
    ['Failed with exit code 3.', 'Last words:', '| Error: boom', '| dns: no such host'],
  ],
  [
    'a success that only says so',
    { ...of({ outcome: 'succeeded', cause: 'completed' }), durationSeconds: 12, call: CALL },
    ['Completed after 12 s.'],
  ],
  [
    'a child killed for memory while the agent lived on',
    {
      exitCode: 1,
      killedForMemory: [
        { pid: 9, comm: 'python3', command: 'python3 build.py', rssKb: 328 * 1024, limitKb: 400 * 1024 },
      ],
    },
    [
      'Failed with exit code 1 after the kernel had killed one of its processes for memory.',
      'The kernel killed `python3 build.py` (pid 9) for memory, last seen with 328 MiB (limit 400 MiB).',
      'Give it more memory, or let that command do less at once.',
    ],
  ],
  [
    'a last step that failed, in its own words',
    {
      ...of({ outcome: 'incomplete', cause: 'ended_mid_task', confidence: 'likely' }),
      failure: {
        ...FAILURE,
        category: 'missing_dependency',
        detail: 'program',
        asked: 'npm-not-there test',
        answer: 'sh: npm-not-there: not found',
        hasEndedIt: false,
      },
    },
    [
      'Exited with code 0, probably in the middle of its work.',
      'Its last step failed (program missing): `npm-not-there test`: sh: npm-not-there: not found',
      "Resume the agent's session; look first at what the last step had changed.",
    ],
  ],
  [
    'a session that hangs in a call',
    running({ call: CALL, silentSeconds: 190, processes: [PROCESS] }, 'waiting_child'),
    [
      'Silent for 3 min 10 s, in a shell call: `cat fifo`.',
      'The call has been open for 3 min 10 s.',
      '`python3 build.py` (pid 7) waits for somebody to write into a pipe (pipe_read).',
      'If that does not come back, end that one process (the agent then goes on), or stop the session.',
    ],
  ],
  [
    'a session whose memory runs out',
    running({
      forecast: 'Memory reaches its limit of 500 MiB in about 12 s, at this pace.',
      processes: [{ ...PROCESS, command: undefined, isTracked: true }],
    }),
    [
      'Memory reaches its limit of 500 MiB in about 12 s, at this pace.',
      'The agent itself, python3 (pid 7), is the biggest process: 300 MiB.',
      'Raise the limit, or stop what grows, before the kernel does.',
    ],
  ],
  [
    'a session that waits for an approval',
    running({}, 'waiting_approval'),
    ['Running: it waits for somebody to allow what it wants to do.', 'Answer in its terminal.'],
  ],
  ['a session of which nothing is known', running({}), ['Running.']],
];

for (const [title, facts, story] of STORIES) test(title, () => assert.deepEqual(told(facts), story));

/** For each rule of advice what it holds for; the same facts without it hold for no earlier one. */
const ADVISED: { readonly [rule: string]: Partial<StoryFacts> } = {
  'raise the limit of the container': { verdict: KILL },
  'give the machine more memory': of({ cause: 'oom_kill' }),
  'raise the heap of node': of({ cause: 'heap_limit' }),
  'raise the heap of java': of({ detail: 'java_heap' }),
  'less memory at once': of({ detail: 'memory_error' }),
  'could not start': of({ cause: 'launch_failed', detail: 'missing_program' }),
  'install what is missing': {
    exitCode: 127,
    lastWords: { stream: 'stderr', lines: ['bash: line 1: pytest: command not found'] },
  },
  'install the module': {
    ...of({ detail: 'missing_module' }),
    lastWords: { stream: 'stderr', lines: ["ModuleNotFoundError: No module named 'pytest'"] },
  },
  'log in again': failed('network', 'auth'),
  'wait for the rate limit': failed('network', 'rate_limit'),
  'wait for the service': failed('network', 'overloaded'),
  'look at the name service': of({ detail: 'dns' }),
  'start what refuses': failed('network', 'refused'),
  'trust the certificate': of({ detail: 'tls' }),
  'look at the network': failed('network', 'unreachable'),
  'free the disk': of({ cause: 'disk_full' }),
  'raise the descriptors': of({ cause: 'fd_exhaustion' }),
  'raise the watchers': of({ detail: 'inotify' }),
  'raise the processes': of({ detail: 'fork_limit' }),
  'give the permission': of({ detail: 'permission' }),
  'allow what it asked for': of({ cause: 'blocked' }),
  'give it more time': of({ cause: 'timed_out' }),
  'raise the limit of turns': of({ cause: 'limit_reached' }),
  'a missing file': of({ detail: 'missing_file' }),
  'keep the terminal': of({ cause: 'terminal_lost' }),
  'it did nothing': of({ cause: 'did_nothing' }),
  'it ended in its task': of({ cause: 'ended_mid_task' }),
  'one of its processes was killed for memory': {
    killedForMemory: [{ pid: 9, comm: 'x', command: undefined, rssKb: undefined, limitKb: undefined }],
  },
  'stop what hangs': running({ call: CALL, silentSeconds: 200 }),
  'answer it': running({}, 'waiting_stdin'),
  'let it go on': running({}, 'stopped'),
  'memory runs out': running({ forecast: 'Memory reaches its limit of 1.0 GiB in about 12 s, at this pace.' }),
  'it crashed': of({ cause: 'crashed' }),
  'somebody killed it': of({ cause: 'killed' }),
  'processes were left behind': { ...of({ cause: 'completed', outcome: 'succeeded' }), leftovers: 2 },
};

test('each rule of advice has a case, and is the first that holds in it', () => {
  assert.deepEqual(
    Object.keys(ADVISED),
    ADVICE.map(({ name }) => name),
  );
  for (const [name, facts] of Object.entries(ADVISED)) {
    const line = storyOf({ ...NOTHING, ...facts }).at(-1);
    assert.deepEqual([line?.topic, line?.because], ['advice', [`By the rule: ${name}.`]], name);
    assert.ok(name !== 'install what is missing' || line?.text.startsWith('Install `pytest`,'), line?.text);
    assert.ok(name !== 'install the module' || line?.text.startsWith('Install the module `pytest` '), line?.text);
  }
});

test('no advice rests on a failure that the session survived, and none is given to one that went well', () => {
  const survived = { ...of({ cause: 'exit_nonzero' }), failure: { ...FAILURE, hasEndedIt: false, isLast: false } };
  assert.ok(!storyOf({ ...NOTHING, ...survived }).some(({ topic }) => topic === 'advice'));
  assert.deepEqual(told(of({ outcome: 'succeeded', cause: 'completed' })), ['Completed.']);
});

const HOSTILE = '\u001b]0;x\u0007\u202egpj.exe\u2066`\n$(rm)\u0000';

test('hostile text is shown as text, short, in every line', () => {
  const facts: Partial<StoryFacts> = {
    verdict: { ...KILL, evidence: [{ kind: 'kernel_log', pid: 1, name: HOSTILE }] },
    call: { ...CALL, asked: HOSTILE.repeat(50_000) },
    processes: [{ ...PROCESS, comm: HOSTILE, command: HOSTILE.repeat(50_000) }],
    lastWords: { stream: 'stderr', lines: [HOSTILE.repeat(50_000)] },
    failure: { ...FAILURE, asked: HOSTILE, answer: HOSTILE },
  };
  const variants = [
    facts,
    { ...facts, ...of({ cause: 'ended_mid_task' }), call: undefined },
    { ...facts, ...running({ call: { ...CALL, asked: HOSTILE } }) },
  ];
  for (const variant of variants) {
    for (const { text, quoted } of storyOf({ ...NOTHING, ...variant })) {
      for (const line of [text, ...quoted]) {
        assert.doesNotMatch(line, /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
        assert.ok(line.length < 700, `${line.length} characters`);
      }
    }
  }
});
