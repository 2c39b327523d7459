import assert from 'node:assert/strict';
import { once } from 'node:events';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { makeMemoryGroup } from '../deaths/memoryGroup.ts';
import { AgentHome, startAgent, type WhyAnswer } from './agentHome.ts';
import { claudeAnswer, claudeLine, claudeOpen, SESSION } from './agentLines.ts';
import { NO_JOURNALS, writeJournal, writeLogins, type JournalEntry } from './machineFiles.ts';

/** An hour ago, to the second: what files of logins keep. */
const LAST = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;

function homeWithOpenLog(): AgentHome {
  const home = new AgentHome();
  home.write('.claude/projects/-srv-app/s.jsonl', claudeOpen(LAST));
  return home;
}

const NOTHING = { journal: [] as readonly JournalEntry[] };

async function whyWith(
  home: AgentHome,
  { journal }: { readonly journal: readonly JournalEntry[] } = NOTHING,
  ...more: readonly string[]
): Promise<WhyAnswer> {
  const given = journal.length === 0 ? [] : ['--journal', writeJournal(home.path, journal)];
  const kernel = home.write('kernel.txt', '');
  const logins = writeLogins(home.path, []);
  return await home.json<WhyAnswer>('why', '--kernel-log', kernel, '--logins', logins, ...given, ...more);
}

const short = ({ verdict, findings }: WhyAnswer): readonly unknown[] => [
  `${verdict.outcome} ${verdict.cause} ${verdict.confidence}`,
  ...findings.map(({ kind, rule, grade }) => `${kind} ${rule} ${grade}`),
];

function coreDump(ms: number, commandLine: string, cwd: string): JournalEntry {
  return {
    ms,
    fields: {
      MESSAGE_ID: 'fc2e22bc6ee647b6b90729ab34a250b1',
      MESSAGE: 'Process 99 (node) of user 0 dumped core.',
      SYSLOG_IDENTIFIER: 'systemd-coredump',
      _UID: '0',
      COREDUMP_PID: '99',
      COREDUMP_UID: String(process.getuid?.() ?? 0),
      COREDUMP_COMM: 'node',
      COREDUMP_SIGNAL: '6',
      COREDUMP_CMDLINE: commandLine,
      COREDUMP_CWD: cwd,
    },
  };
}

const systemd = (ms: number, MESSAGE: string): JournalEntry => ({
  ms,
  fields: { _UID: '0', _COMM: 'systemd', SYSLOG_IDENTIFIER: 'systemd', MESSAGE },
});
const kernel = (ms: number, MESSAGE: string): JournalEntry => ({
  ms,
  fields: { _TRANSPORT: 'kernel', SYSLOG_IDENTIFIER: 'kernel', MESSAGE },
});

test('of a session without any record it is said that nothing is known, and what was looked at', async () => {
  const home = homeWithOpenLog();
  const answer = await whyWith(home);
  assert.deepEqual(short(answer), ['lost vanished possible']);
  assert.deepEqual(
    answer.verdict.evidence.map(({ kind, name }) => `${kind} ${name}`),
    ['transcript_end call_open', 'machine_log none'],
  );
  assert.equal(answer.open_call?.command, 'pytest -x tests');
  const { stdout } = await home.cli('why');
  assert.match(stdout, /pytest -x tests/);
  assert.match(stdout, /Looked at: /);
});

test(
  'a journal tells a core dump whose command line names the session for certain',
  { skip: NO_JOURNALS },
  async () => {
    const home = homeWithOpenLog();
    const answer = await whyWith(home, {
      journal: [coreDump(LAST + 2000, `node /usr/bin/claude --resume ${SESSION}`, '/srv/app')],
    });
    assert.deepEqual(short(answer), ['died crashed certain', 'core_dump own_id certain']);
    const { stdout } = await home.cli('show', answer.id);
    assert.match(stdout, /Crashed with SIGABRT/, 'what was found once is remembered');
    const kept = readFileSync(join(home.path, 'share/autoskillit/logs/agent-logs.json'), 'utf8');
    assert.equal(kept.includes('--resume'), false, 'but not the command line of the process');
  },
);

test(
  'a journal with deaths of others of that name at that time tells nothing of this one',
  { skip: NO_JOURNALS },
  async () => {
    const home = homeWithOpenLog();
    const journal = [
      kernel(LAST + 500, 'Out of memory: Killed process 4711 (claude) total-vm:1kB, anon-rss:1kB, file-rss:0kB'),
      kernel(
        LAST + 600,
        'claude[4712]: segfault at 0 ip 00007fa087f85ad8 sp 00007ffe26a2d478 error 4 in libc.so.6[7f]',
      ),
      coreDump(LAST + 700, '/usr/bin/claude -p other', '/srv/other'),
      systemd(LAST + 800, "some-other.scope: Failed with result 'oom-kill'."),
    ];
    assert.deepEqual(short(await whyWith(home, { journal })), ['lost vanished possible']);
  },
);

test('the logout of its user is possible, and a suspension is told beside it', { skip: NO_JOURNALS }, async () => {
  const home = homeWithOpenLog();
  const uid = process.getuid?.() ?? 0;
  const journal = [
    {
      ms: LAST + 500,
      fields: { _UID: '0', SYSLOG_IDENTIFIER: 'systemd-logind', MESSAGE: 'The system will suspend now!' },
    },
    systemd(LAST + 3000, `Stopped User Manager for UID ${uid}.`),
  ];
  assert.deepEqual(short(await whyWith(home, { journal })), [
    'died terminal_lost possible',
    'logged_out whole_user possible',
    'suspended at_that_time possible',
  ]);
});

test('login records tell that the machine went down a moment after', async () => {
  const home = homeWithOpenLog();
  const logins = writeLogins(home.path, [
    { type: 'boot', ms: LAST - 86_400_000 },
    { type: 'shutdown', ms: LAST + 4000 },
    { type: 'boot', ms: LAST + 60_000 },
  ]);
  const answer = await home.json<WhyAnswer>(
    'why',
    'last',
    '--kernel-log',
    home.write('kernel.txt', ''),
    '--logins',
    logins,
  );
  assert.deepEqual(short(answer), ['lost lost likely', 'shut_down whole_machine likely']);
  assert.equal(answer.verdict.detail, 'reboot');
});

test('a log that ends in NUL bytes, and a machine that came up again: it lost its power', async () => {
  const home = new AgentHome();
  home.write('.claude/projects/-srv-app/s.jsonl', `${claudeOpen(LAST)}${'\0'.repeat(600)}`);
  const logins = writeLogins(home.path, [
    { type: 'boot', ms: LAST - 86_400_000 },
    { type: 'boot', ms: LAST + 1_800_000 },
  ]);
  const answer = await home.json<WhyAnswer>('why', '--kernel-log', home.write('kernel.txt', ''), '--logins', logins);
  assert.deepEqual(short(answer), ['lost lost likely', 'power_lost whole_machine likely']);
});

const noKernelLog = ((): string | false => {
  try {
    accessSync('/dev/kmsg', constants.R_OK);
    return false;
  } catch {
    return "the kernel's log may not be read here";
  }
})();

test(
  'a real segfault of an agent that was seen at work is certain; of one that nobody saw it is not told',
  { skip: noKernelLog },
  async () => {
    const home = new AgentHome();
    const unseen = new AgentHome();
    const agents = [startAgent(home, 'work'), startAgent(unseen, 'work')];
    for (const { child } of agents) await once(child.stdout ?? child, 'data');
    const [row] = await home.list();
    assert.equal(row?.outcome, 'running');
    for (const { child, tell } of agents) {
      tell('crash');
      await once(child, 'exit');
    }
    const seen = await home.json<WhyAnswer>('why', String(agents[0]?.child.pid));
    assert.deepEqual(short(seen), ['died crashed certain', 'crash own_process certain']);
    assert.equal(seen.findings[0]?.pid, agents[0]?.child.pid);
    assert.deepEqual(short(await unseen.json<WhyAnswer>('why')), ['lost vanished possible']);
  },
);

test('a real OOM kill of an agent that was seen at work is certain', { skip: noKernelLog }, async (t) => {
  const group = makeMemoryGroup(64 * 1024 * 1024);
  if (group === undefined) return t.skip('no memory group may be made here');
  const home = new AgentHome();
  const { child, tell, log } = startAgent(home, 'work');
  try {
    writeFileSync(group.procs, String(child.pid));
    await once(child.stdout ?? child, 'data');
    await home.list();
    tell('grow');
    await once(child, 'exit');
  } finally {
    group.remove();
  }
  const answer = await home.json<WhyAnswer>('why', log);
  assert.deepEqual(short(answer).slice(0, 2), ['died oom_kill certain', 'kernel_oom own_process certain']);
});

test('why says what was asked wrongly, and of a recorded session what its recorder knows', async () => {
  const home = homeWithOpenLog();
  for (const [args, message] of [
    [['why', 'nobody'], /no session and no agent's log called nobody/],
    [['why', '4194303'], /No agent's log is known to have been written by pid 4194303/],
    [['why', '--since', 'soon'], /--since takes a time/],
    [['why', '--journal', '/nowhere'], /there is no \/nowhere/],
  ] as const) {
    const { code, stderr } = await home.cli(...args);
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  }
  await home.cli('run', '--id', 'recorded', '--', 'sh', '-c', 'exit 3');
  assert.match((await home.cli('why', 'recorded')).stdout, /Exited by itself with code 3.*\n.*show recorded/);
});

test('--since tells of each that stopped since then, and a healthy log is not among them', async () => {
  const home = homeWithOpenLog();
  home.write('.claude/projects/-srv-app/old.jsonl', claudeOpen(LAST - 86_400_000));
  home.write('.claude/projects/-srv-app/done.jsonl', claudeLine('user', LAST, 'go') + claudeAnswer(LAST + 1));
  const told = await home.json<readonly WhyAnswer[]>('why', '--since', '2h');
  assert.equal(told.length, 1);
  assert.equal((await home.json<readonly WhyAnswer[]>('why', '--since', '3d')).length, 2);
  const named = await home.json<WhyAnswer>('why', told[0]?.id.slice(0, 14) ?? '');
  assert.equal(named.id, told[0]?.id, basename(home.path));
});
