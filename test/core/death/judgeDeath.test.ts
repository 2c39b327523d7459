import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { TMUX_LOSSES } from '../../../src/core/session/tmuxLoss.ts';
import {
  deathFacts,
  KILLER_NAMES,
  NO_OOM_FACTS,
  type DeathFacts,
  type KernelCrash,
  type OomFacts,
  type OomKill,
} from '../../../src/core/death/deathFacts.ts';
import { EVIDENCE_NAMES } from '../../../src/core/death/evidenceNames.ts';
import { judgeDeath } from '../../../src/core/death/judgeDeath.ts';
import { MARKER_NAMES } from '../../../src/core/death/outputMarkers.ts';
import { sessionOutcome } from '../../../src/core/death/sessionOutcome.ts';
import { snapshotFrom, type Snapshot } from '../../../src/core/session/snapshot.ts';
import { isOomKillEvidence } from '../../../src/core/session/verdict.ts';
import { evidenceSentence } from '../../../src/core/death/evidenceWords.ts';
import { verdictSentence } from '../../../src/core/death/verdictSentence.ts';
import type { Cause, Confidence, Layer, Outcome, SenderRelation } from '../../../src/core/words/vocabulary.ts';

const AT = '2026-03-01T12:00:00.000+00:00';

const QUIET: OomFacts = {
  systemDelta: 0,
  groupDelta: 0,
  earlierGroupDelta: 0,
  log: [],
  memberPids: new Set([100, 101]),
};
const BLIND: OomFacts = { ...NO_OOM_FACTS, memberPids: QUIET.memberPids };

const FACTS = deathFacts({ mode: 'run', at: AT, trackedPid: 100, trackedComm: 'agent', oom: QUIET });

function snapshot(fields: { readonly [key: string]: unknown }): Snapshot {
  const made = snapshotFrom({ event: 'snapshot', ts: AT, captured_at: AT, seq: 3, pid: 100, ...fields }, 0);
  assert.ok(made);
  return made;
}

const code = (value: number) => ({ exit: { code: value, signal: null } });
const signal = (name: string) => ({ exit: { code: null, signal: name } });
const noticed = (name: string) => ({ ...signal(name), notices: [{ pid: 100, at: AT, ...signal(name) }] });
const own = (why: NonNullable<DeathFacts['ownSignal']>['why'], name = 'SIGTERM', at = AT) => ({
  ownSignal: { why, signal: name, at },
});
const sentBy = (relation: SenderRelation, name: string): Pick<DeathFacts, 'sender'> => ({
  sender: {
    signal: name,
    ts: AT,
    relation,
    code: relation === 'kernel' ? 128 : 0,
    pid: 77,
    name: undefined,
    command: undefined,
  },
});
const kill = (pid: number, comm: string, ts = AT): OomKill => ({ pid, comm, ts, scope: 'group' });
const crash = (pid: number, comm: string, ts = AT): { crashes: KernelCrash[] } => ({
  crashes: [{ pid, comm, ts, signal: 'SIGSEGV' }],
});
const lastWord = (name: (typeof MARKER_NAMES)[number]) => ({ markers: [{ name, offset: 900 }], stderrBytes: 1000 });
const firstWord = (name: (typeof MARKER_NAMES)[number]) => ({
  markers: [{ name, offset: 10 }],
  stderrBytes: 1_000_000,
});
const NEAR_FD_LIMIT = { lastSnapshot: snapshot({ fd_count: 60, fd_soft_limit: 64 }) };
const FULL = {
  disk: [{ place: 'working_directory', free_bytes: 0, total_bytes: 1e6, free_inodes: undefined }],
} as const;
const SHORT_OF_MEMORY = { lastSnapshot: snapshot({ vm_rss_kb: 9e6, oom_score_adj: 0, mem_available_kb: 50_000 }) };
const EARLYOOM = { killers: [{ name: 'earlyoom', pid: 7, role: 'daemon' }] } as const;

type Expected = readonly [Cause, Confidence, Outcome, Layer];
const CASES: readonly (readonly [string, Partial<DeathFacts>, Expected])[] = [
  ['exit 0', code(0), ['completed', 'certain', 'succeeded', 'none']],
  [
    'exit 0 after a child was OOM-killed',
    { ...code(0), oom: { ...QUIET, groupDelta: 1, log: [kill(101, 'cc1plus')] } },
    ['completed', 'certain', 'succeeded', 'none'],
  ],
  [
    'exit 0 with frightening words on stderr',
    { ...code(0), ...lastWord('v8_heap_limit'), ...FULL },
    ['completed', 'certain', 'succeeded', 'none'],
  ],
  ['exit 3', code(3), ['exit_nonzero', 'certain', 'failed', 'unknown']],
  ['exit 255 is no signal', code(255), ['exit_nonzero', 'certain', 'failed', 'unknown']],
  [
    'exit 1 while the log names a child',
    { ...code(1), oom: { ...QUIET, systemDelta: 1, log: [kill(101, 'cc1plus')] } },
    ['exit_nonzero', 'certain', 'failed', 'environment'],
  ],
  [
    'exit 1 while the group counter rose',
    { ...code(1), oom: { ...BLIND, groupDelta: 1 } },
    ['exit_nonzero', 'likely', 'failed', 'environment'],
  ],
  [
    'exit 1 long after a child was OOM-killed',
    {
      ...code(1),
      oom: { ...QUIET, earlierGroupDelta: 1, log: [kill(101, 'cc1plus', '2026-03-01T10:00:00.000+00:00')] },
    },
    ['exit_nonzero', 'certain', 'failed', 'unknown'],
  ],
  [
    'SIGKILL named by the kernel log',
    { ...signal('SIGKILL'), oom: { ...QUIET, log: [kill(100, 'agent')] } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    'SIGKILL and the group counter rose',
    { ...signal('SIGKILL'), oom: { ...BLIND, groupDelta: 1 } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    'SIGKILL and only the machine counter rose',
    { ...signal('SIGKILL'), oom: { ...BLIND, systemDelta: 1 } },
    ['oom_kill', 'likely', 'died', 'environment'],
  ],
  [
    'SIGKILL, and the one kill in the group was of a child',
    { ...signal('SIGKILL'), oom: { ...QUIET, systemDelta: 1, groupDelta: 1, log: [kill(101, 'cc1plus')] } },
    ['killed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'SIGKILL, the group counted a kill, and the log, whose pids are ours, names its twin',
    { ...signal('SIGKILL'), oom: { ...QUIET, groupDelta: 1, log: [kill(300, 'agent')], arePidsOurs: true } },
    ['killed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'SIGKILL, the group counted a kill, and without the log it may have been another member',
    { ...signal('SIGKILL'), oom: { ...BLIND, systemDelta: 1, groupDelta: 1, group: 'ours' } },
    ['oom_kill', 'likely', 'died', 'environment'],
  ],
  [
    'SIGKILL, the group counted a kill, and nobody else was in it',
    { ...signal('SIGKILL'), oom: { ...BLIND, systemDelta: 1, groupDelta: 1, group: 'alone' } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    'exit 1 beside a kill of somebody else on the machine: its own group stood still',
    { ...code(1), oom: { ...QUIET, systemDelta: 1, log: [kill(300, 'job')] } },
    ['exit_nonzero', 'certain', 'failed', 'unknown'],
  ],
  [
    'exit 1 right after a kill in a group beside its own, of a process too short-lived for a sample',
    { ...code(1), oom: { ...QUIET, systemDelta: 1, log: [kill(300, 'job')], unseenPids: new Set([300]) } },
    ['exit_nonzero', 'possible', 'failed', 'environment'],
  ],
  [
    'SIGABRT beside a kill of somebody else on the machine',
    { ...signal('SIGABRT'), oom: { ...BLIND, systemDelta: 1 } },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'exit 1 some seconds after a kill in its group that it outlived, without the log',
    { ...code(1), oom: { ...BLIND, systemDelta: 0, groupDelta: 0, earlierGroupDelta: 1, earlierKillAgoMs: 3000 } },
    ['exit_nonzero', 'likely', 'failed', 'environment'],
  ],
  [
    "SIGKILL of a seccomp filter, as the kernel's log says",
    {
      ...signal('SIGKILL'),
      crashes: [{ pid: 100, comm: 'agent', ts: AT, signal: 'SIGKILL', why: 'seccomp' }],
    },
    ['killed', 'certain', 'died', 'environment'],
  ],
  ['SIGXCPU', signal('SIGXCPU'), ['terminated', 'certain', 'died', 'environment']],
  [
    'too many open files among the last words, with four of twenty thousand open a moment before',
    { ...code(1), ...lastWord('too_many_open_files'), lastSnapshot: snapshot({ fd_count: 4, fd_soft_limit: 20_000 }) },
    ['fd_exhaustion', 'possible', 'failed', 'environment'],
  ],
  [
    'no space among the last words, with every disk half empty',
    {
      ...code(1),
      ...lastWord('no_space'),
      disk: [{ place: 'working_directory', free_bytes: 5e5, total_bytes: 1e6, free_inodes: 9 }],
    },
    ['disk_full', 'possible', 'failed', 'environment'],
  ],
  [
    'SIGKILL at the limit of a timeout around it',
    { ...signal('SIGKILL'), wrappersVia: ['timeout'], ageMs: 5400, wrapperLimit: { afterMs: 5000, killAfterMs: 0 } },
    ['timed_out', 'likely', 'died', 'environment'],
  ],
  [
    'SIGKILL long before the limit of a timeout around it',
    { ...signal('SIGKILL'), wrappersVia: ['timeout'], ageMs: 1400, wrapperLimit: { afterMs: 5000, killAfterMs: 0 } },
    ['killed', 'likely', 'died', 'lifecycle'],
  ],
  [
    'SIGKILL, and the kill was in another group',
    { ...signal('SIGKILL'), oom: { ...BLIND, systemDelta: 1, groupDelta: 0 } },
    ['killed', 'likely', 'died', 'lifecycle'],
  ],
  [
    'the log names our pid at this moment under another name, because it had just become another program',
    { ...signal('SIGKILL'), oom: { ...QUIET, log: [kill(100, 'mysqld')] } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    'the log names our pid under another name, and the status is not known',
    { mode: 'attach', exit: undefined, oom: { ...QUIET, log: [kill(100, 'mysqld')] } },
    ['oom_kill', 'likely', 'died', 'environment'],
  ],
  [
    'SIGTERM while the group counter rose is no OOM kill',
    { ...signal('SIGTERM'), oom: { ...BLIND, groupDelta: 1 } },
    ['terminated', 'certain', 'died', 'lifecycle'],
  ],
  ['SIGKILL with all counters still', signal('SIGKILL'), ['killed', 'certain', 'died', 'lifecycle']],
  ['SIGKILL without any counter', { ...signal('SIGKILL'), oom: BLIND }, ['killed', 'likely', 'died', 'lifecycle']],
  [
    'SIGKILL beside earlyoom when memory was short',
    { ...signal('SIGKILL'), ...EARLYOOM, ...SHORT_OF_MEMORY },
    ['killed', 'certain', 'died', 'environment'],
  ],
  [
    'SIGKILL beside an idle earlyoom',
    { ...signal('SIGKILL'), ...EARLYOOM },
    ['killed', 'certain', 'died', 'lifecycle'],
  ],
  ['137 alone', { ...code(137), oom: BLIND }, ['killed', 'possible', 'died', 'lifecycle']],
  ['137 from a shell around it', { ...code(137), wrappersVia: ['sh'] }, ['killed', 'likely', 'died', 'lifecycle']],
  ['143 alone is never a timeout', code(143), ['terminated', 'possible', 'died', 'lifecycle']],
  ['SIGTERM from outside', signal('SIGTERM'), ['terminated', 'certain', 'died', 'lifecycle']],
  [
    'SIGKILL that a process was seen to send, while its group counted a kill',
    { ...signal('SIGKILL'), ...sentBy('outside', 'SIGKILL'), oom: { ...BLIND, groupDelta: 1 } },
    ['killed', 'certain', 'died', 'lifecycle'],
  ],
  [
    "the kernel's SIGKILL while its group counted a kill",
    { ...signal('SIGKILL'), ...sentBy('kernel', 'SIGKILL'), oom: { ...BLIND, groupDelta: 1 } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    "the kernel's SIGKILL of nobody's memory",
    { ...signal('SIGKILL'), ...sentBy('kernel', 'SIGKILL') },
    ['killed', 'certain', 'died', 'environment'],
  ],
  [
    '143 of an agent that was seen to get SIGTERM',
    { ...code(143), ...sentBy('outside', 'SIGTERM') },
    ['terminated', 'likely', 'died', 'lifecycle'],
  ],
  [
    '143 of a shell whose agent was seen to get SIGTERM',
    { ...code(143), wrappersVia: ['sh'], ...sentBy('descendant', 'SIGTERM') },
    ['terminated', 'certain', 'died', 'lifecycle'],
  ],
  [
    'SIGTERM passed on by us',
    { ...signal('SIGTERM'), ...own('terminate_forwarded') },
    ['terminated', 'certain', 'died', 'lifecycle'],
  ],
  [
    'Ctrl-C passed on',
    { ...signal('SIGINT'), ...own('interrupt_forwarded', 'SIGINT') },
    ['interrupted', 'certain', 'stopped', 'user'],
  ],
  [
    'Ctrl-C passed on to an agent that exits 0',
    { ...code(0), ...own('interrupt_forwarded', 'SIGINT') },
    ['interrupted', 'likely', 'stopped', 'user'],
  ],
  [
    'an old Ctrl-C that the agent survived',
    { ...code(0), ...own('interrupt_forwarded', 'SIGINT', '2026-03-01T11:00:00.000+00:00') },
    ['completed', 'certain', 'succeeded', 'none'],
  ],
  ['SIGINT from elsewhere', signal('SIGINT'), ['interrupted', 'likely', 'stopped', 'user']],
  ['SIGSEGV', signal('SIGSEGV'), ['crashed', 'certain', 'died', 'lifecycle']],
  ['SIGABRT', signal('SIGABRT'), ['crashed', 'certain', 'died', 'lifecycle']],
  ['139 from a shell', { ...code(139), wrappersVia: ['sh'] }, ['crashed', 'likely', 'died', 'lifecycle']],
  [
    'SIGABRT after V8 said why',
    { ...signal('SIGABRT'), ...lastWord('v8_heap_limit') },
    ['heap_limit', 'certain', 'died', 'environment'],
  ],
  [
    'SIGABRT long after V8 of a child said so',
    { ...signal('SIGABRT'), ...firstWord('v8_heap_limit') },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  ['our timeout', { ...signal('SIGKILL'), ...own('timeout') }, ['timed_out', 'certain', 'died', 'environment']],
  ['124 under timeout(1)', { ...code(124), wrappersVia: ['timeout'] }, ['timed_out', 'likely', 'died', 'environment']],
  ['124 of its own', code(124), ['exit_nonzero', 'certain', 'failed', 'unknown']],
  [
    '124 of a timeout(1) that nobody saw, at its limit',
    { ...code(124), ageMs: 5600, wrapperLimit: { afterMs: 5000, killAfterMs: 0 } },
    ['timed_out', 'likely', 'died', 'environment'],
  ],
  [
    '124 long before the limit of its timeout(1)',
    { ...code(124), ageMs: 900, wrapperLimit: { afterMs: 5000, killAfterMs: 0 } },
    ['exit_nonzero', 'certain', 'failed', 'unknown'],
  ],
  ["a wrapper's exit 0", { ...code(0), wrappersVia: ['sh'] }, ['completed', 'likely', 'succeeded', 'none']],
  ["a wrapper's exit 3", { ...code(3), wrappersVia: ['sh'] }, ['exit_nonzero', 'likely', 'failed', 'unknown']],
  [
    "a wrapper's exit 0, and the log names the agent as crashed",
    { ...code(0), wrappersVia: ['sh'], ...crash(100, 'agent') },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  [
    "a wrapper's exit 0, and the log names the agent as killed for memory",
    { ...code(0), wrappersVia: ['sh'], oom: { ...QUIET, groupDelta: 1, log: [kill(100, 'agent')] } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    "a wrapper's exit 0, and the kernel told of the agent's SIGTERM",
    { ...noticed('SIGTERM'), told: { code: 0, signal: null }, wrappersVia: ['sh'] },
    ['terminated', 'certain', 'died', 'lifecycle'],
  ],
  [
    "the agent's SIGTERM under timeout(1) that says 124",
    { ...noticed('SIGTERM'), told: { code: 124, signal: null }, wrappersVia: ['timeout'] },
    ['timed_out', 'likely', 'died', 'environment'],
  ],
  [
    'the SIGKILL of one of several behind a wrapper',
    { ...noticed('SIGKILL'), told: { code: 0, signal: null }, wrappersVia: ['sh'], isAgentSure: false },
    ['killed', 'likely', 'died', 'lifecycle'],
  ],
  ['our stop, answered with exit 0', { ...code(0), ...own('stop') }, ['stopped', 'certain', 'stopped', 'user']],
  ['no such file', { launchError: { code: 'ENOENT' } }, ['launch_failed', 'certain', 'failed', 'environment']],
  [
    '139 from a shell, and the log names the agent as crashed',
    { ...code(139), wrappersVia: ['sh'], ...crash(100, 'agent') },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'attached and gone, and the log names it as crashed',
    { mode: 'attach', ...crash(100, 'agent') },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'attached and gone with its tmux server, and the log names it as crashed',
    { mode: 'attach', tmux: 'server_gone', ...crash(100, 'agent') },
    ['crashed', 'certain', 'died', 'lifecycle'],
  ],
  [
    'lost with its recorder, and the log names it as crashed at its last sample',
    { isRecorderLost: true, ...crash(100, 'agent') },
    ['crashed', 'likely', 'died', 'lifecycle'],
  ],
  [
    'attached and gone while the log names another process as crashed',
    { mode: 'attach', ...crash(101, 'agent') },
    ['vanished', 'likely', 'lost', 'lifecycle'],
  ],
  [
    'attached and gone while the log names its pid under another name: a container counts its own pids',
    { mode: 'attach', ...crash(100, 'nginx') },
    ['vanished', 'likely', 'lost', 'lifecycle'],
  ],
  [
    'attached and gone long after the log named its pid as crashed',
    { mode: 'attach', ...crash(100, 'agent', '2026-03-01T11:59:00.000+00:00') },
    ['vanished', 'likely', 'lost', 'lifecycle'],
  ],
  [
    'SIGKILL while the log names its pid as crashed',
    { ...signal('SIGKILL'), ...crash(100, 'agent') },
    ['killed', 'certain', 'died', 'lifecycle'],
  ],
  ['attached and gone', { mode: 'attach' }, ['vanished', 'likely', 'lost', 'lifecycle']],
  [
    'attached, gone, and named by the kernel log',
    { mode: 'attach', oom: { ...QUIET, log: [kill(100, 'agent')] } },
    ['oom_kill', 'certain', 'died', 'environment'],
  ],
  [
    'attached, gone, and its group counter rose',
    { mode: 'attach', oom: { ...BLIND, groupDelta: 1 } },
    ['oom_kill', 'likely', 'died', 'environment'],
  ],
  [
    'exit 1 with EMFILE at the limit',
    { ...code(1), ...lastWord('too_many_open_files'), ...NEAR_FD_LIMIT },
    ['fd_exhaustion', 'certain', 'failed', 'environment'],
  ],
  [
    'exit 1 with EMFILE as last word',
    { ...code(1), ...lastWord('too_many_open_files') },
    ['fd_exhaustion', 'likely', 'failed', 'environment'],
  ],
  [
    'exit 1 long after an EMFILE',
    { ...code(1), ...firstWord('too_many_open_files') },
    ['exit_nonzero', 'certain', 'failed', 'unknown'],
  ],
  [
    'exit 1 with ENOSPC on a full disk',
    { ...code(1), ...lastWord('no_space'), ...FULL },
    ['disk_full', 'certain', 'failed', 'environment'],
  ],
  [
    'exit 1 with ENOSPC as last word',
    { ...code(1), ...lastWord('no_space') },
    ['disk_full', 'likely', 'failed', 'environment'],
  ],
  ['exit 1 in silence on a full disk', { ...code(1), ...FULL }, ['disk_full', 'possible', 'failed', 'environment']],
  ['a recording ended by its user', { mode: 'attach', isLeftRunning: true }, ['stopped', 'certain', 'running', 'user']],
  ['recorder and agent gone', { isRecorderLost: true }, ['lost', 'likely', 'lost', 'lifecycle']],
  [
    'recorder and agent gone with the machine',
    { isRecorderLost: true, isRebooted: true },
    ['lost', 'certain', 'lost', 'lifecycle'],
  ],
  [
    'SIGHUP when the tmux server went',
    { ...signal('SIGHUP'), tmux: 'server_gone' },
    ['terminal_lost', 'certain', 'died', 'environment'],
  ],
  [
    'SIGHUP when the tmux session was closed',
    { ...signal('SIGHUP'), tmux: 'session_closed' },
    ['stopped', 'certain', 'stopped', 'user'],
  ],
  [
    'a hang-up that was passed on when the tmux server went',
    { ...signal('SIGHUP'), ownSignal: { signal: 'SIGHUP', why: 'hangup_forwarded', at: AT }, tmux: 'server_gone' },
    ['terminal_lost', 'certain', 'died', 'environment'],
  ],
  [
    'a hang-up that was passed on when the tmux pane was closed',
    { ...signal('SIGHUP'), ownSignal: { signal: 'SIGHUP', why: 'hangup_forwarded', at: AT }, tmux: 'pane_closed' },
    ['stopped', 'certain', 'stopped', 'user'],
  ],
  [
    'no status when the tmux server was told to end',
    { mode: 'attach', exit: undefined, tmux: 'server_stopped' },
    ['terminal_lost', 'likely', 'died', 'environment'],
  ],
  [
    'no status when the last shell was left',
    { mode: 'attach', exit: undefined, tmux: 'session_ended' },
    ['completed', 'likely', 'succeeded', 'none'],
  ],
  [
    'no status when program and tmux session went together',
    { mode: 'attach', exit: undefined, tmux: 'session_gone' },
    ['stopped', 'possible', 'stopped', 'user'],
  ],
  [
    'no status when only the pane is gone',
    { mode: 'attach', exit: undefined, tmux: 'pane_gone' },
    ['vanished', 'likely', 'lost', 'lifecycle'],
  ],
  ['SIGHUP from nowhere', signal('SIGHUP'), ['terminated', 'certain', 'died', 'lifecycle']],
  ['no status at all', { exit: { code: null, signal: null } }, ['unknown', 'possible', 'died', 'unknown']],
];

test('a crash that only the kernel log tells of is put into words with its signal, and is no OOM kill', () => {
  const verdict = judgeDeath({ ...FACTS, mode: 'attach', ...crash(100, 'agent') });
  assert.equal(
    verdictSentence(verdict),
    'Crashed with SIGSEGV (certain): the kernel log says that pid 100 (agent) died of SIGSEGV.',
  );
  assert.ok(!verdict.evidence.some(isOomKillEvidence));
});

describe('the cause of a death', () => {
  for (const [name, facts, expected] of CASES) {
    test(`${name}: ${expected.join(', ')}`, () => {
      const verdict = judgeDeath({ ...FACTS, ...facts });
      assert.deepEqual([verdict.cause, verdict.confidence, verdict.outcome, verdict.layer], expected);
      assert.match(verdictSentence(verdict), /^[A-Z].*\.$/);
      for (const item of verdict.evidence) assert.match(evidenceSentence(item), /^[A-Z].*\.$/);
    });
  }

  test('every cause of the vocabulary is reached', () => {
    assert.equal(new Set(CASES.map(([, , [cause]]) => cause)).size, 17);
  });
});

test('an OOM kill is told with the counter and the name the kernel logged', () => {
  const facts = {
    ...FACTS,
    ...signal('SIGKILL'),
    oom: { ...QUIET, systemDelta: 1, groupDelta: 1, log: [kill(100, 'agent')] },
  };
  assert.equal(
    verdictSentence(judgeDeath(facts)),
    "Killed by the kernel's OOM killer (certain): the kernel log names pid 100 (agent) as killed for memory, the OOM kill counter of its memory group rose by 1 and the kernel's count of OOM kills on this machine rose by 1.",
  );
});

test("a child's OOM kill is told as what preceded the exit", () => {
  const facts = { ...FACTS, ...code(1), oom: { ...QUIET, systemDelta: 1, log: [kill(101, 'cc1plus')] } };
  assert.match(
    verdictSentence(judgeDeath(facts)),
    /code 1 after the kernel's OOM killer took another process.*pid 101 \(cc1plus\)/,
  );
});

test('beside the limit of a group stands what all its processes used, not what a wrapper among them did', () => {
  const group = { cgroup_memory_limit_kb: 163_840 };
  const lastSnapshot = snapshot({ vm_rss_kb: 1600, tree_rss_kb: 153_600, ...group });
  const facts = { ...FACTS, ...signal('SIGKILL'), oom: { ...QUIET, groupDelta: 1 } };
  const clauses = (found: DeathFacts) => judgeDeath(found).evidence.map(evidenceSentence).join('\n');
  assert.match(clauses({ ...facts, lastSnapshot }), /it and its processes used 150 MiB of 160 MiB/i);
  const alone = snapshot({ vm_rss_kb: 153_600, tree_rss_kb: 153_600, ...group });
  assert.match(clauses({ ...facts, lastSnapshot: alone }), /it used 150 MiB of 160 MiB/i);
});

test('a death by signal n has exit code -n, an unknown status none', () => {
  const killed = sessionOutcome(judgeDeath({ ...FACTS, ...signal('SIGKILL') }), signal('SIGKILL').exit);
  assert.deepEqual(killed, {
    success: false,
    subtype: 'crashed',
    termination_reason: 'killed',
    exit_code: -9,
    signal: 'SIGKILL',
  });
  const lost = sessionOutcome(judgeDeath({ ...FACTS, isRecorderLost: true }), undefined);
  assert.deepEqual(lost, {
    success: false,
    subtype: 'lost',
    termination_reason: 'crashed',
    exit_code: null,
    signal: null,
  });
});

const counter = fc.option(fc.nat(3), { nil: undefined });
const anyKill = fc.record({
  pid: fc.integer({ min: 99, max: 103 }),
  comm: fc.string({ maxLength: 15 }),
  ts: fc.constantFrom(AT, '', 'x'),
  scope: fc.constantFrom('group', 'system'),
});
const anyFacts = fc.record({
  mode: fc.constantFrom('run', 'attach'),
  at: fc.constantFrom(AT, 'no time'),
  exit: fc.option(
    fc.record({
      code: fc.option(fc.integer({ min: 0, max: 260 })),
      signal: fc.option(fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGABRT', 'SIGHUP', 'SIG?')),
    }),
    { nil: undefined },
  ),
  trackedPid: fc.option(fc.constant(100), { nil: undefined }),
  trackedComm: fc.option(fc.string(), { nil: undefined }),
  wrappersVia: fc.subarray(['sh', 'timeout']),
  launchError: fc.option(fc.constant({ code: 'EACCES' }), { nil: undefined, freq: 10 }),
  ownSignal: fc.option(
    fc.record({
      signal: fc.constantFrom('SIGTERM', 'SIGINT'),
      why: fc.constantFrom('timeout', 'stop', 'interrupt_forwarded', 'terminate_forwarded', 'hangup_forwarded'),
      at: fc.constantFrom(AT, ''),
    }),
    { nil: undefined },
  ),
  oom: fc.record({
    systemDelta: counter,
    groupDelta: counter,
    earlierGroupDelta: fc.nat(3),
    log: fc.option(fc.array(anyKill, { maxLength: 60 }), { nil: undefined }),
    memberPids: fc.constant(new Set([100, 101])),
  }),
  crashes: fc.array(
    fc.record({
      pid: fc.constantFrom(100, 101),
      comm: fc.constantFrom('agent', 'other'),
      ts: fc.constantFrom(AT, ''),
      signal: fc.constantFrom('SIGSEGV', 'SIGILL'),
    }),
    { maxLength: 60 },
  ),
  killers: fc.array(
    fc.record({
      name: fc.constantFrom(...KILLER_NAMES),
      pid: fc.nat(),
      role: fc.constantFrom('command', 'daemon', 'wrapper'),
    }),
    { maxLength: 60 },
  ),
  markers: fc.array(fc.record({ name: fc.constantFrom(...MARKER_NAMES), offset: fc.nat() })),
  stderrBytes: fc.nat(),
  lastSnapshot: fc.constantFrom(undefined, SHORT_OF_MEMORY.lastSnapshot, NEAR_FD_LIMIT.lastSnapshot),
  disk: fc.constantFrom([], FULL.disk),
  tmux: fc.constantFrom(undefined, ...TMUX_LOSSES),
  isRebooted: fc.boolean(),
  isRecorderLost: fc.boolean(),
  isLeftRunning: fc.constant(false), // nothing died then, so nothing has to be proven
}) as fc.Arbitrary<DeathFacts>; // the literals above are members of the unions, which fc widens to string

test('whatever the facts, a verdict has bounded evidence and never claims an OOM kill or certainty without its proof', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const verdict = judgeDeath(facts);
      assert.ok(verdict.evidence.length <= 24);
      assert.doesNotThrow(() => verdictSentence(verdict));
      if (verdict.cause === 'oom_kill') {
        assert.ok(verdict.evidence.some(isOomKillEvidence));
      }
      if (verdict.confidence === 'certain') assert.ok(verdict.evidence.length > 0);
      for (const { kind, name } of verdict.evidence) {
        // The kernel names processes, and a signal that no list has.
        if (name === undefined || kind === 'kernel_log' || name === 'SIG?') continue;
        assert.ok(
          EVIDENCE_NAMES.some((word) => word === name),
          `${kind} ${name} would leave as a kind of process`,
        );
      }
    }),
    { numRuns: 2000 },
  );
});

describe('who sent the signal', () => {
  const told = (sender: Partial<NonNullable<DeathFacts['sender']>>, more: Partial<DeathFacts> = signal('SIGKILL')) =>
    verdictSentence(
      judgeDeath({
        ...FACTS,
        ...more,
        killers: [{ name: 'pkill', pid: 5, role: 'command' }],
        sender: {
          signal: 'SIGKILL',
          ts: AT,
          relation: 'outside',
          code: 0,
          pid: 77,
          name: 'kill',
          command: undefined,
          ...sender,
        },
      }),
    );

  test('is said with name, pid and command line, and nobody else is suspected beside it', () => {
    const sentence = told({ command: '/bin/kill, started by bash killer.sh' });
    assert.match(
      sentence,
      /^Killed with SIGKILL from outside \(certain\): kill \(pid 77: \/bin\/kill, started by bash/,
    );
    assert.ok(!sentence.includes('pkill'), sentence);
  });

  test('"from outside" is said of a sender outside alone', () => {
    for (const relation of ['itself', 'descendant', 'ancestor', 'recorder', 'kernel'] as const) {
      assert.ok(!told({ relation }).includes('from outside'), relation);
    }
    for (const name of ['SIGKILL', 'SIGTERM', 'SIGXCPU', 'SIGPIPE', 'SIGALRM']) {
      assert.ok(!verdictSentence(judgeDeath({ ...FACTS, ...signal(name) })).includes('from outside'), name);
    }
  });

  test('the kernel has a sentence for each of its reasons', () => {
    const ofCpu = told({ relation: 'kernel', name: 'cpu_limit', code: 128 });
    assert.match(ofCpu, /by the kernel \(certain\): it had used up its limit of CPU time/);
    const typed = told({ signal: 'SIGINT', relation: 'kernel', name: 'keyboard', code: 128 }, signal('SIGINT'));
    assert.match(typed, /^Interrupted by SIGINT from the keyboard \(certain\)/);
  });

  test('a command of its own is told, until somebody else is known to have sent it', () => {
    const ownCommand = { name: 'pkill', ts: AT, isMatch: true } as const;
    const alone = verdictSentence(judgeDeath({ ...FACTS, ...signal('SIGTERM'), ownCommand }));
    assert.match(alone, /its own command ended it \(likely\)/);
    assert.ok(!told({}, { ...signal('SIGKILL'), ownCommand }).includes('its own command'));
    assert.match(told({ relation: 'descendant' }, { ...signal('SIGKILL'), ownCommand }), /its own command/);
  });
});

test('a recorder that was killed for memory is said to be, by its pid and as the program that it is', () => {
  const lost = (comm: string) =>
    verdictSentence(
      judgeDeath({
        ...FACTS,
        isRecorderLost: true,
        recorderPid: 77,
        oom: { ...BLIND, log: [{ pid: 77, comm, ts: AT, scope: 'system' }] },
      }),
    );
  assert.match(lost('node'), /the recorder was killed for memory/);
  assert.doesNotMatch(lost('java'), /killed for memory/);
});

test('how long nobody watched is counted to when a lost session was found, and a full table of inodes is no free space', () => {
  const lastSnapshot = snapshot({ vm_rss_kb: 1000 });
  const foundAt = '2026-03-01T12:02:00.000+00:00';
  const lost = judgeDeath({ ...FACTS, isRecorderLost: true, lastSnapshot, foundAt });
  assert.match(verdictSentence(lost), /the recorder ended before.*nothing was recorded in the last 2 min/);
  const resumed = judgeDeath({ ...FACTS, lastSnapshot });
  assert.doesNotMatch(verdictSentence(resumed), /nothing was recorded|the recorder ended before/);
  const disk = [{ place: 'working_directory', free_bytes: 4 << 20, total_bytes: 8 << 20, free_inodes: 0 }] as const;
  const full = judgeDeath({ ...FACTS, ...code(1), ...lastWord('no_space'), disk });
  assert.equal(full.detail, 'inodes');
  assert.match(verdictSentence(full), /had no inodes left/);
  assert.doesNotMatch(verdictSentence(full), /MiB free/);
});
