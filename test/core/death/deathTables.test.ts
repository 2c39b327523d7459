import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deathFacts,
  NO_OOM_FACTS,
  type DeathFacts,
  type OomFacts,
  type OomKill,
} from '../../../src/core/death/deathFacts.ts';
import { judgeDeath } from '../../../src/core/death/judgeDeath.ts';
import { LAST_WORD_NAMES } from '../../../src/core/death/lastWords.ts';
import { sessionOutcome } from '../../../src/core/death/sessionOutcome.ts';
import { kernelReasonOf } from '../../../src/core/death/signalSender.ts';
import { deathFrom, deathsWith, isDeath } from '../../../src/core/death/simultaneousDeath.ts';
import { countedStatus } from '../../../src/core/death/ownStatus.ts';
import { exitOfWaitStatus } from '../../../src/core/death/waitStatus.ts';
import { snapshotFrom, type Snapshot } from '../../../src/core/session/snapshot.ts';
import type { Failures } from '../../../src/core/session/failures.ts';
import type { Verdict } from '../../../src/core/session/verdict.ts';
import { CAUSES, type Cause } from '../../../src/core/words/vocabulary.ts';

/* Tables of what ends a session: each row is a promise that a person reads, each limit is tried from both sides. */

const AT_MS = Date.UTC(2026, 2, 1, 12);
const at = (seconds: number) => new Date(AT_MS + seconds * 1000).toISOString();
const AT = at(0);
const code = (value: number) => ({ exit: { code: value, signal: null } });
const signal = (name: string) => ({ exit: { code: null, signal: name } });
const QUIET: OomFacts = { ...NO_OOM_FACTS, systemDelta: 0, groupDelta: 0, log: [], memberPids: new Set([100, 101]) };

function judged(facts: Partial<DeathFacts>): Verdict {
  return judgeDeath(deathFacts({ mode: 'run', at: AT, trackedPid: 100, trackedComm: 'agent', oom: QUIET, ...facts }));
}

const short = ({ cause, layer, confidence, detail }: Verdict) =>
  `${cause} ${layer} ${confidence}${detail === undefined ? '' : ` ${detail}`}`;
const told = (facts: Partial<DeathFacts>) => short(judged(facts));
const evidence = (facts: Partial<DeathFacts>) =>
  judged(facts).evidence.map(({ kind, name, value }) =>
    [kind, name, value].filter((part) => part !== undefined).join(' '),
  );

function snapshot(fields: object): Snapshot {
  return (
    snapshotFrom({ event: 'snapshot', ts: AT, captured_at: AT, seq: 3, pid: 100, oom_score_adj: 0, ...fields }, 0) ??
    assert.fail()
  );
}

test('a last word says why it gave up: what surroundings denied is theirs, what the program did wrong is nobody else', () => {
  const OWN = ['assertion', 'uncaught_exception', 'stack_overflow'];
  for (const name of LAST_WORD_NAMES) {
    const facts = {
      ...code(name === 'missing_program' ? 127 : 1),
      markers: [{ name, offset: 900 }],
      stderrBytes: 1000,
    };
    assert.equal(told(facts), `exit_nonzero ${OWN.includes(name) ? 'unknown' : 'environment'} likely ${name}`);
    assert.ok(evidence(facts).includes(`stderr_marker ${name} 900`), name);
  }
  const notFound = { markers: [{ name: 'missing_program', offset: 900 }], stderrBytes: 1000 } as const;
  assert.equal(told({ ...code(1), ...notFound }), 'exit_nonzero unknown certain', 'scripts try programs and go on');
  const early = (bytes: number) => told({ ...code(1), markers: [{ name: 'dns', offset: 0 }], stderrBytes: bytes });
  assert.equal(early(16 * 1024), 'exit_nonzero environment likely dns');
  assert.equal(early(16 * 1024 + 1), 'exit_nonzero unknown certain', 'said long before the end');
});

test('exit codes that are an agent’s own language are told in its words', () => {
  const WORDS: Readonly<Record<string, string>> = {
    'environment likely auth': '41 145 147',
    'environment likely quota': '146',
    'environment likely rate_limit': '173',
    'environment likely overloaded': '244 245 246 247 248 17',
    'environment likely': '152',
    'unknown likely': '144 148 153 157 166 243',
  };
  for (const [expected, codes] of Object.entries(WORDS))
    for (const value of codes.split(' ').map(Number))
      assert.equal(told({ ...code(value), agent: 'gemini' }), `exit_nonzero ${expected}`, String(value));
  assert.equal(told({ ...code(41), agent: 'claude' }), 'exit_nonzero unknown certain');
  assert.equal(told({ ...code(42), agent: 'gemini' }), 'exit_nonzero unknown certain');
});

test('a crash that the kernel logged is certain, when it is of this process and its signal', () => {
  const logged = (fields: object = {}) => ({ crashes: [{ pid: 100, comm: 'agent', ts: AT, signal: 'SIGSEGV', ...fields }] });
  assert.equal(told({ ...signal('SIGSEGV'), ...logged() }), 'crashed lifecycle certain');
  assert.equal(told({ ...code(139), ...logged() }), 'crashed lifecycle certain');
  for (const other of [{ pid: 101 }, { comm: 'other' }, { ts: at(-3600) }, { signal: 'SIGBUS' }])
    assert.equal(told({ ...code(139), ...logged(other) }), 'crashed lifecycle possible', JSON.stringify(other));
}); // prettier-ignore

test('what could not be started says why', () => {
  for (const [name, expected] of [
    ['ENOENT', 'launch_failed environment certain missing_program'],
    ['EACCES', 'launch_failed environment certain permission'],
    ['EPERM', 'launch_failed environment certain permission'],
    ['ENOMEM', 'launch_failed environment certain'],
  ] as const) {
    assert.equal(told({ launchError: { code: name }, exit: undefined }), expected);
    assert.deepEqual(evidence({ launchError: { code: name } })[0], `launch_error ${name}`);
  }
});

test('each signal means what it does to whoever it ends, and is surer where its sender was seen', () => {
  const SIGNALS: Readonly<Record<string, string>> = {
    SIGSEGV: 'crashed lifecycle certain',
    SIGABRT: 'crashed lifecycle certain',
    SIGBUS: 'crashed lifecycle certain',
    SIGILL: 'crashed lifecycle certain',
    SIGFPE: 'crashed lifecycle certain',
    SIGTRAP: 'crashed lifecycle certain',
    SIGSYS: 'crashed lifecycle certain seccomp',
    SIGINT: 'interrupted user likely',
    SIGQUIT: 'interrupted user likely',
    SIGXCPU: 'terminated environment certain cpu_limit',
    SIGXFSZ: 'terminated environment certain file_size_limit',
    SIGPIPE: 'terminated lifecycle certain pipe_closed',
    SIGALRM: 'terminated lifecycle certain alarm',
    SIGTERM: 'terminated lifecycle certain',
    SIGHUP: 'terminated lifecycle certain',
    SIGUSR1: 'terminated lifecycle certain',
    SIGKILL: 'killed lifecycle certain',
  };
  const by = (name: string, relation: 'outside' | 'kernel') =>
    ({ sender: { signal: name, ts: AT, relation, code: 0, pid: 7, name: 'x', command: undefined } }) as const;
  for (const [name, expected] of Object.entries(SIGNALS)) {
    assert.equal(told(signal(name)), expected, name);
    const isOwnLimit = /^SIG(?:XCPU|XFSZ|PIPE|ALRM)$/.test(name);
    const sent = isOwnLimit ? 'terminated lifecycle certain' : expected.replace('user likely', 'user certain');
    assert.equal(told({ ...signal(name), ...by(name, 'outside') }), sent, `${name} from outside`);
    const kernels = /^(?:killed|terminated) lifecycle certain$/.test(expected) ? expected.replace('lifecycle', 'environment') : expected.replace('user likely', 'user certain');
    assert.equal(told({ ...signal(name), ...by(name, 'kernel') }), kernels, `${name} by the kernel`);
  }
  for (const [name, relation, expected] of [
    ['SIGKILL', 'outside', 'died killed lifecycle likely'],
    ['SIGKILL', 'kernel', 'died killed environment likely'],
    ['SIGTERM', 'outside', 'lost vanished lifecycle likely'],
  ] as const) {
    const unseen = { mode: 'attach', exit: undefined, ...by(name, relation) } as const;
    assert.equal(`${judged(unseen).outcome} ${told(unseen)}`, expected, 'nobody saw its status');
    assert.ok(judged(unseen).evidence.some(({ kind }) => kind === 'signal_sender'), name);
  }
  for (const [value, wrappersVia, expected] of [
    [143, [], 'terminated lifecycle possible'],
    [143, ['sh'], 'terminated lifecycle likely'],
    [130, [], 'interrupted user possible'],
    [130, ['sh'], 'interrupted user possible'],
    [139, [], 'crashed lifecycle possible'],
    [128, [], 'exit_nonzero unknown certain'],
  ] as const)
    assert.equal(told({ ...code(value), wrappersVia }), expected, `${value} ${wrappersVia.join()}`);
}); // prettier-ignore

test('what we sent or passed on ended it when its status says so, or when it ended within ten seconds', () => {
  const own = (why: NonNullable<DeathFacts['ownSignal']>['why'], name: string, seconds = 0) => ({ ownSignal: { why, signal: name, at: at(-seconds) } });
  for (const [facts, expected] of [
    [{ ...signal('SIGKILL'), ...own('timeout', 'SIGTERM') }, 'timed_out environment certain'],
    [{ exit: undefined, ...own('timeout', 'SIGTERM') }, 'timed_out environment likely'],
    [{ ...code(0), ...own('stop', 'SIGTERM') }, 'stopped user certain'],
    [{ exit: undefined, ...own('stop', 'SIGTERM') }, 'stopped user likely'],
    [{ ...signal('SIGINT'), ...own('interrupt_forwarded', 'SIGINT', 99) }, 'interrupted user certain'],
    [{ ...signal('SIGTERM'), ...own('terminate_forwarded', 'SIGTERM') }, 'terminated lifecycle certain'],
    [{ ...signal('SIGHUP'), ...own('hangup_forwarded', 'SIGHUP') }, 'terminal_lost environment certain'],
    [{ ...code(1), ...own('interrupt_forwarded', 'SIGINT', 10) }, 'interrupted user likely'],
    [{ ...code(1), ...own('interrupt_forwarded', 'SIGINT', 10.001) }, 'exit_nonzero unknown certain'],
    [{ ...signal('SIGSEGV'), ...own('interrupt_forwarded', 'SIGINT') }, 'crashed lifecycle certain'],
    [{ ...code(0), ...own('hangup_forwarded', 'SIGHUP'), tmux: 'pane_closed' }, 'stopped user likely'],
  ] as const)
    assert.equal(told(facts), expected, JSON.stringify(facts));
}); // prettier-ignore

test('what went of tmux around an end says whose doing it was, surer with the hang-up that it sends', () => {
  const TMUX = {
    server_gone: ['terminal_lost environment certain', 'terminal_lost environment likely'],
    server_stopped: ['terminal_lost environment certain', 'terminal_lost environment likely'],
    session_closed: ['stopped user certain', 'stopped user likely'],
    session_gone: ['stopped user certain', 'stopped user possible'],
    pane_closed: ['stopped user certain', 'stopped user likely'],
    session_ended: ['completed none certain', 'completed none likely'],
    pane_gone: ['terminated lifecycle certain', 'vanished lifecycle likely'],
    socket_gone: ['terminated lifecycle certain', 'vanished lifecycle likely'],
  } as const;
  for (const [loss, [hungUp, unknown]] of Object.entries(TMUX)) {
    const tmux = loss as keyof typeof TMUX; // the table's own keys
    assert.equal(told({ ...signal('SIGHUP'), tmux }), hungUp, loss);
    assert.equal(told({ mode: 'attach', exit: undefined, tmux }), unknown, loss);
    assert.equal(told({ ...code(3), tmux }), 'exit_nonzero unknown certain', `${loss}: it ended by itself`);
  }
});

test('timeout(1) ended it within its limit and a second and a half, and not before', () => {
  const limit = (ageMs: number | undefined, killAfterMs = 0) => ({ wrapperLimit: { afterMs: 5000, killAfterMs }, ...(ageMs !== undefined && { ageMs }) });
  for (const [name, ageMs, killAfterMs, isIt] of [
    ['SIGTERM', 4699, 0, false],
    ['SIGTERM', 4700, 0, true],
    ['SIGTERM', 6500, 0, true],
    ['SIGTERM', 6501, 0, false],
    ['SIGKILL', 8500, 2000, true],
    ['SIGKILL', 8501, 2000, false],
    ['SIGINT', 5000, 0, true],
    ['SIGHUP', 5000, 0, true],
    ['SIGQUIT', 5000, 0, true],
    ['SIGALRM', 5000, 0, true],
    ['SIGUSR1', 5000, 0, false],
    ['SIGTERM', undefined, 0, false],
  ] as const)
    assert.equal(judged({ ...signal(name), ...limit(ageMs, killAfterMs) }).detail === 'wrapper_timeout', isIt, `${name} ${ageMs}`);
  const sender = (relation: 'ancestor' | 'outside', name: string) =>
    ({ sender: { signal: 'SIGTERM', ts: AT, relation, code: 0, pid: 7, name, command: undefined } }) as const;
  assert.equal(told({ ...signal('SIGTERM'), ...limit(5000), ...sender('ancestor', 'timeout') }), 'timed_out environment certain wrapper_timeout');
  assert.equal(judged({ ...signal('SIGTERM'), ...limit(5000), ...sender('ancestor', 'sh') }).cause, 'terminated');
  assert.equal(judged({ ...signal('SIGTERM'), ...limit(5000), ...sender('outside', 'timeout') }).cause, 'terminated');
  assert.equal(told({ ...code(124), ...limit(4700) }), 'timed_out environment likely wrapper_timeout');
  assert.equal(judged({ ...code(124), ...limit(4699) }).cause, 'exit_nonzero');
  assert.equal(judged({ ...code(125), ...limit(5000), wrappersVia: ['timeout'] }).cause, 'exit_nonzero');
}); // prettier-ignore

const kill = (pid: number, seconds = 0, comm = 'agent'): OomKill => ({ pid, comm, ts: at(-seconds), scope: 'group' });

test('a kill for memory counts until ten seconds before its victim, and until a minute before who gave up without it', () => {
  const killed = (oom: Partial<OomFacts>, more: Partial<DeathFacts> = {}) => told({ ...signal('SIGKILL'), oom: { ...QUIET, ...oom }, ...more });
  // The log names another pid: the counter is accounted for only as long as that is of this moment.
  assert.equal(killed({ groupDelta: 1, log: [kill(101, 10)] }), 'killed lifecycle certain');
  assert.equal(killed({ groupDelta: 1, log: [kill(101, 10.001)] }), 'oom_kill environment certain');
  assert.equal(killed({ groupDelta: 2, log: [kill(101)] }), 'oom_kill environment certain');
  assert.equal(killed({ log: [kill(100, 11, 'other')] }), 'oom_kill environment likely', 'the same number in a container');
  assert.equal(killed({ log: [kill(100, 10, 'other')] }), 'oom_kill environment certain', 'at its very end');
  for (const [group, expected] of [
    [undefined, 'certain'],
    ['alone', 'certain'],
    ['ours', 'likely'],
    ['shared', 'likely'],
  ] as const)
    assert.equal(killed({ groupDelta: 1, log: undefined, ...(group !== undefined && { group }) }), `oom_kill environment ${expected}`, group);
  const machine = { systemDelta: 1, groupDelta: undefined, log: undefined };
  const size = (vm_rss_kb: number, more: object = {}) => ({ lastSnapshot: snapshot({ vm_rss_kb, ...more }) });
  assert.equal(killed(machine, size(32 * 1024)), 'oom_kill environment likely');
  assert.equal(killed(machine, size(32 * 1024 - 1)), 'oom_kill environment possible', 'the kernel takes the largest');
  assert.equal(killed(machine, size(1000, { mem_available_kb: 1 })), 'oom_kill environment likely');
  assert.equal(killed({ ...machine, systemDelta: 0 }), 'killed lifecycle certain');
  assert.equal(killed({ ...machine, systemDelta: undefined }), 'killed lifecycle likely', 'nobody counted');
  assert.equal(killed({ ...machine, systemDelta: undefined, groupDelta: 0 }), 'killed lifecycle certain');
  const gaveUp = (oom: Partial<OomFacts>) => told({ ...code(1), oom: { ...QUIET, ...oom } });
  assert.equal(gaveUp({ log: [kill(101, 60)] }), 'exit_nonzero environment certain');
  assert.equal(gaveUp({ log: [kill(101, 60.001)] }), 'exit_nonzero unknown certain');
  assert.equal(gaveUp({ earlierGroupDelta: 1, earlierKillAgoMs: 60_000, log: undefined }), 'exit_nonzero environment likely');
  assert.equal(gaveUp({ earlierGroupDelta: 1, earlierKillAgoMs: 60_001, log: undefined }), 'exit_nonzero unknown certain');
  assert.equal(gaveUp({ earlierGroupDelta: 1, log: undefined }), 'exit_nonzero unknown certain');
  const others = { arePidsOurs: true, group: 'shared', log: [kill(300)] } as const;
  assert.equal(gaveUp({ ...others, groupDelta: 1 }), 'exit_nonzero unknown certain');
  assert.equal(gaveUp({ ...others, groupDelta: 1, group: 'ours' }), 'exit_nonzero environment likely');
  assert.equal(gaveUp({ ...machine }), 'exit_nonzero environment possible');
  assert.equal(gaveUp({ ...machine, log: [] }), 'exit_nonzero unknown certain');
  assert.equal(gaveUp({ ...machine, log: [kill(300)] }), 'exit_nonzero environment possible');
  assert.equal(gaveUp({ ...machine, log: [kill(300)], arePidsOurs: true }), 'exit_nonzero unknown certain');
}); // prettier-ignore

test('a shortage of memory, of descriptors and of disk is one from its limit on', () => {
  const pressure = (fields: object) =>
    evidence({ ...signal('SIGKILL'), lastSnapshot: snapshot({ vm_rss_kb: 5, ...fields }) }).filter((item) => item.startsWith('memory_pressure'));
  const group = (used: number) => ({ cgroup_memory_kb: used, cgroup_memory_limit_kb: 1000 });
  assert.deepEqual(pressure(group(900)), ['memory_pressure cgroup_memory_kb 900']);
  assert.deepEqual(pressure(group(899)), []);
  assert.deepEqual(pressure({ mem_available_kb: 204_799 }), ['memory_pressure mem_available_kb 204799']);
  assert.deepEqual(pressure({ mem_available_kb: 204_800 }), []);
  assert.deepEqual(pressure({ psi_memory_some_avg10: 10 }), ['memory_pressure psi_memory_some_avg10 10']);
  assert.deepEqual(pressure({ psi_memory_some_avg10: 9.99 }), []);
  const open = (count: number, limit = 4000) => ({ lastSnapshot: snapshot({ fd_count: count, fd_soft_limit: limit }) });
  const emfile = { ...code(1), markers: [{ name: 'too_many_open_files', offset: 900 }], stderrBytes: 1000 } as const;
  for (const [facts, expected] of [
    [open(3000), 'fd_exhaustion environment certain'],
    [open(2999), 'fd_exhaustion environment likely'],
    [open(40), 'fd_exhaustion environment likely'],
    [open(39), 'fd_exhaustion environment possible'],
    [open(9, 1024), 'fd_exhaustion environment likely'.replace('likely', 'possible')],
    [open(9, 1023), 'fd_exhaustion environment likely'],
  ] as const)
    assert.equal(told({ ...emfile, ...facts }), expected, JSON.stringify(facts.lastSnapshot.fd_count));
  const far = { ...emfile, stderrBytes: 1e6 };
  assert.equal(told({ ...far, ...open(3000) }), 'fd_exhaustion environment likely');
  assert.equal(judged({ ...far, ...open(2999) }).cause, 'exit_nonzero');
  const disk = (free_bytes: number, free_inodes?: number) => ({ disk: [{ place: 'working_directory', free_bytes, total_bytes: 1e9, free_inodes }] as const });
  assert.equal(told({ ...code(1), ...disk(4095) }), 'disk_full environment possible');
  assert.equal(told({ ...code(1), ...disk(4096) }), 'exit_nonzero unknown certain');
  assert.equal(told({ ...code(1), ...disk(1e6, 0) }), 'disk_full environment possible inodes');
  assert.equal(told({ ...code(1), ...disk(1e6, 1) }), 'exit_nonzero unknown certain');
  assert.equal(told({ ...code(0), ...disk(0) }), 'completed none certain');
  const root = { disk: [{ place: 'log_root', free_bytes: 0, total_bytes: 1e9, free_inodes: undefined }] } as const;
  assert.equal(told({ ...code(1), ...root }), 'exit_nonzero unknown certain', 'only our own log had no room');
}); // prettier-ignore

test('V8 that says its heap is full is believed of its own programs, of no other interpreter, and at its end', () => {
  const v8 = { markers: [{ name: 'v8_heap_limit', offset: 900 }], stderrBytes: 1000 } as const;
  for (const [facts, expected] of [
    [signal('SIGABRT'), 'heap_limit environment certain v8_heap'],
    [code(134), 'heap_limit environment certain v8_heap'],
    [{ ...code(1), trackedComm: 'node' }, 'heap_limit environment likely v8_heap'],
    ...['python3', 'perl', 'ruby', 'php', 'java', 'lua', 'sh', 'bash', 'dash', 'zsh', 'ksh'].map((trackedComm) => [{ ...code(1), trackedComm }, 'heap_limit environment possible v8_heap'] as const),
    [{ ...code(1), trackedComm: undefined }, 'heap_limit environment possible v8_heap'],
    [{ ...code(1), trackedComm: 'shelly' }, 'heap_limit environment likely v8_heap'],
    [{ ...code(1), trackedComm: 'node', stderrBytes: 900 + 16 * 1024 }, 'heap_limit environment likely v8_heap'],
    [{ ...code(1), trackedComm: 'node', stderrBytes: 901 + 16 * 1024 }, 'exit_nonzero unknown certain'],
  ] as const)
    assert.equal(told({ ...v8, ...facts }), expected, JSON.stringify(facts));
}); // prettier-ignore

test('why the kernel sent a signal is told where the signal says it', () => {
  for (const [name, from, isByReceiver, isForMemory, expected] of [
    ['SIGPIPE', 0, true, false, 'pipe_closed'],
    ['SIGPIPE', 0, false, false, undefined],
    ['SIGXFSZ', 0, true, false, 'file_size_limit'],
    ['SIGXFSZ', 0, false, false, undefined],
    ['SIGTERM', -2, false, false, 'alarm'],
    ['SIGTERM', -1, true, false, undefined],
    ['SIGTERM', 0, true, false, undefined],
    ['SIGSYS', 1, true, false, 'seccomp'],
    ['SIGKILL', 128, false, true, 'memory'],
    ['SIGKILL', 128, true, false, 'cpu_limit'],
    ['SIGKILL', 128, false, false, 'unknown'],
    ['SIGKILL', 1, true, false, 'unknown'],
    ['SIGXCPU', 128, true, false, 'cpu_limit'],
    ['SIGINT', 128, false, false, 'keyboard'],
    ['SIGQUIT', 128, false, false, 'keyboard'],
    ['SIGHUP', 128, false, false, 'terminal'],
    ['SIGALRM', 128, true, false, 'alarm'],
    ['SIGVTALRM', 128, true, false, 'alarm'],
    ['SIGPROF', 128, true, false, 'alarm'],
    ['SIGUSR1', 128, true, false, 'unknown'],
    ...['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP'].flatMap((fault) => [[fault, 128, true, false, 'fault'], [fault, 1, true, false, 'fault']] as const),
    ['SIGUSR1', 1, true, false, 'unknown'],
  ] as const)
    assert.equal(kernelReasonOf({ signal: name, code: from, isByReceiver, isForMemory }), expected, `${name} ${from}`);
}); // prettier-ignore

test('each cause is told in the words of AutoSkillit', () => {
  const WORDS: Readonly<Record<string, string>> = {
    'success natural_exit': 'completed',
    'error_during_execution natural_exit': 'exit_nonzero fd_exhaustion disk_full',
    'error_during_execution crashed': 'launch_failed',
    'timeout timed_out': 'timed_out',
    'stopped stopped': 'stopped',
    'interrupted killed': 'interrupted',
    'crashed killed': 'killed terminated oom_kill terminal_lost',
    'crashed crashed': 'heap_limit crashed unknown',
    'lost crashed': 'vanished lost',
    'incomplete natural_exit': 'ended_mid_task did_nothing blocked limit_reached',
  };
  assert.deepEqual(Object.values(WORDS).flatMap((causes) => causes.split(' ')).toSorted(), CAUSES.toSorted());
  for (const [expected, causes] of Object.entries(WORDS))
    for (const cause of causes.split(' ') as Cause[]) {
      const { subtype, termination_reason } = sessionOutcome({ ...judged(code(0)), cause }, undefined);
      assert.equal(`${subtype} ${termination_reason}`, expected, cause);
    }
}); // prettier-ignore

test('which ends count as deaths, and which of them belong together', () => {
  const verdict = (words: string): Verdict => {
    const [outcome, cause, layer] = words.split(' ');
    return { outcome, cause, layer, confidence: 'likely', evidence: [] } as unknown as Verdict; // words of the table
  };
  const lost = { ended_by: 'network' } as Failures;
  for (const [words, failures, expected] of [
    ['died killed lifecycle', undefined, true],
    ['lost vanished lifecycle', undefined, true],
    ['died timed_out environment', undefined, false],
    ['failed launch_failed environment', undefined, false],
    ['failed exit_nonzero environment', undefined, true],
    ['failed exit_nonzero unknown', undefined, false],
    ['failed exit_nonzero unknown', lost, true],
    ['incomplete ended_mid_task environment', undefined, true],
    ['incomplete ended_mid_task unknown', lost, true],
    ['incomplete ended_mid_task unknown', { ended_by: 'model' }, false],
    ['succeeded completed none', lost, false],
    ['stopped interrupted user', lost, false],
  ] as const)
    assert.equal(isDeath(verdict(words), failures as Failures | undefined), expected, words);
  const group = (...deaths: readonly (readonly [second: number, slack: number])[]) => {
    const all = deaths.map(([second, slack]) => ({ atMs: second * 1000, slackMs: slack * 1000 }));
    return deathsWith(all[0] ?? assert.fail(), all).map(({ atMs }) => atMs / 1000);
  };
  assert.deepEqual(group([10, 0], [12, 0], [8, 0]), [8, 10, 12]);
  assert.deepEqual(group([10, 0], [12.001, 0], [7.999, 0]), [10]);
  assert.deepEqual(group([10, 0], [12, 0], [14, 0], [16.5, 0]), [10, 12, 14], 'one by one');
  assert.deepEqual(group([10, 5], [17, 5]), [10, 17]);
  assert.deepEqual(group([10, 5], [17.001, 5]), [10]);
  assert.deepEqual(group([10, 5], [13, 0]), [10], 'one that was seen to end ended then');
  assert.deepEqual(group([10, 0], [13, 5]), [10]);
}); // prettier-ignore

test('a death that another recorder tells of is read field by field', () => {
  const line = { session_id: 's', dir_name: 'd', ts: AT, slack_seconds: 3, verdict: judged(signal('SIGKILL')), has_lost_network: true };
  assert.deepEqual(deathFrom(line), { ...line, verdict: judged(signal('SIGKILL')) });
  const { session_id: _id, slack_seconds: _slack, has_lost_network: _network, ...least } = line;
  assert.deepEqual(deathFrom(least), { ...least, session_id: 'd', slack_seconds: 0, has_lost_network: false });
  assert.equal(deathFrom({ ...line, slack_seconds: -5 })?.slack_seconds, 0);
  for (const wrong of [7, { ...line, dir_name: '../x' }, { ...line, dir_name: 7 }, { ...line, ts: undefined }, { ...line, verdict: 'x' }])
    assert.equal(deathFrom(wrong), undefined);
}); // prettier-ignore

test('of two statuses the agent’s own counts, unless it went well and what was around it did not', () => {
  const [ok, bad, worse] = [{ code: 0, signal: null }, { code: 1, signal: null }, { code: null, signal: 'SIGKILL' }];
  for (const [own, outer, expected] of [
    [ok, ok, ok],
    [ok, bad, bad],
    [ok, worse, worse],
    [bad, ok, bad],
    [worse, bad, worse],
    [undefined, bad, bad],
    [bad, undefined, bad],
    [undefined, undefined, undefined],
  ] as const)
    assert.equal(countedStatus(own, outer), expected);
  assert.deepEqual([0, 0x0300, 9, 0x8b, 0x7e].map(exitOfWaitStatus), [
    ok,
    { code: 3, signal: null },
    worse,
    { code: null, signal: 'SIGSEGV' },
    { code: null, signal: 'SIG126' },
  ]);
}); // prettier-ignore
