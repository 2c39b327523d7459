import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  attacked,
  bystander,
  enrollment,
  hostilePlace,
  identityOf,
  KINDS,
  listing,
  NOBODY,
  put,
  SUMMARY,
  type Attacker,
  type Ended,
  type Place,
} from './attacks.ts';
import { WINDOW_MS } from '../../../src/core/death/simultaneousDeath.ts';
import { CLI, startCli, until } from '../builtCli.ts';
import { recorderOf } from './watchedRecorder.ts';

const skip = process.platform !== 'linux' && 'links, pipes and owners as Linux has them';
const skipUsers = skip || (process.getuid?.() !== 0 && 'needs root, to be two users');
const AT_ONCE = 3;
const places: Place[] = [];
after(() => {
  for (const { home } of places) rmSync(home, { recursive: true, force: true });
});

function place(): Place {
  const made = hostilePlace();
  places.push(made);
  return made;
}

/** How long a command takes that is not attacked, on this machine at this time; the longest seen so far. */
let usualMs = 0;
async function measureUsual(): Promise<void> {
  const quiet = place();
  const seen = await Promise.all(Array.from({ length: AT_ONCE }, () => attacked(quiet, ['list'])));
  usualMs = Math.max(usualMs, ...seen.map(({ ms }) => ms));
}
before(measureUsual);

function isSlow(ms: number): boolean {
  return ms > 2000 + 4 * usualMs;
}

async function assertUnimpressed(what: string, { code, returnedMs, ms, maxRssMb, text }: Ended): Promise<void> {
  assert.notEqual(code, null, `${what} hung`);
  // A recorder waits after a death for others to die of the same cause while somebody else seems to run.
  const ownMs = ms - (what.includes('kill -9') ? WINDOW_MS + 600 : 0);
  if (isSlow(returnedMs) || isSlow(ownMs)) await measureUsual(); // the machine may have become busier
  const times = `${Math.round(returnedMs)} ms, of ${Math.round(ms)}; usual are ${Math.round(usualMs)}`;
  assert.ok(!isSlow(returnedMs) && !isSlow(ownMs), `${what} returned after ${times}`);
  if (maxRssMb !== undefined) assert.ok(maxRssMb < 200, `${what} took ${Math.round(maxRssMb)} MB`);
  assert.ok(!/\n {4}at |\bError:|FATAL/.test(text), `${what}: ${text.slice(0, 600)}`);
}

/** Runs commands against a place, and says that nothing outside of the root has changed. */
async function attack(
  hostile: Place,
  commands: readonly (readonly string[])[],
  attacker: Attacker = {},
): Promise<readonly Ended[]> {
  const untouched = listing(hostile.outside);
  const ended: Ended[] = [];
  for (const args of commands) {
    const one = await attacked(hostile, args, attacker);
    ended.push(one);
    await assertUnimpressed(args.join(' '), one);
    assert.deepEqual(listing(hostile.outside), untouched, args.join(' '));
  }
  return ended;
}

/** Each has a place of its own, and waits for something part of its time. */
suite('nothing foreign harms anybody', { concurrency: AT_ONCE }, () => {
  const INCIDENT = 'inc-2026-01-01-0123abcd';
  const NOTE = '1767225600000.1000.bad.json';
  const SERIES = [
    'proc_trace.jsonl',
    'tree.jsonl',
    'anomalies.jsonl',
    'lifecycle.jsonl',
    'stdout.log',
    'stderr.log',
    'output.index',
  ];

  /** Every file that a command opens by itself. */
  const FILES = [
    'sessions.jsonl',
    'session_lifecycle.log',
    '.handle-key',
    '.handle-files.jsonl',
    `.deaths/${NOTE}`,
    `.deaths/${NOTE}.claim`,
    `incidents/${INCIDENT}.json`,
    '.metrics/state.json',
    'running/claim/enrollment.json',
    'sessions/bad/summary.json',
    ...SERIES.map((name) => `sessions/bad/${name}`),
    ...[...SERIES, 'stop-request', 'summary.json', 'exit-status.json', '.exit-status.json'].map(
      (name) => `running/lost/${name}`,
    ),
  ];

  const EVERYTHING = [
    ['list'],
    ['show', 'bad'],
    ['report', 'bad', '--detailed'],
    ['trend'],
    ['patterns'],
    ['incidents', INCIDENT],
    ['locate', 'src:0123456789ab:L7'],
    ['metrics', '--once'],
    ['recover'],
    ['cleanup', 'bad'],
    ['prune', '--keep', '0'],
    ['run', '--id', 'died', '--', 'sh', '-c', 'kill -9 $$'],
  ];

  /** Pipes and endless devices are what hangs: each file is one. The others take turns. */
  const ROUNDS = ['a pipe', 'a link to an endless device', 0, 1];
  const OTHERS = Object.keys(KINDS).filter((kind) => !ROUNDS.includes(kind));

  for (const round of ROUNDS) {
    const what = typeof round === 'string' ? round : `something hostile (${round + 1})`;
    test(`${what} in the place of each file of a log root hangs, crashes and leads out nobody`, { skip }, async () => {
      const hostile = place();
      put(hostile.root, { 'running/lost/enrollment.json': enrollment('lost', 4_000_000) });
      for (const [number, file] of FILES.entries()) {
        mkdirSync(dirname(join(hostile.root, file)), { recursive: true });
        const kind = typeof round === 'string' ? round : OTHERS[(number + 3 * round) % OTHERS.length];
        KINDS[kind ?? '']?.(join(hostile.root, file), hostile.outside);
      }
      const ended = await attack(hostile, EVERYTHING);
      assert.equal(ended.at(-1)?.code, 137, 'the agent ran all the same');
    });
  }

  const DYING = ['run', '--id', 'died', '--max-sessions', '0', '--', 'sh', '-c', 'kill -9 $$'];

  for (const [folder, commands] of Object.entries({
    sessions: [['list'], ['show', 'one'], DYING, ['prune', '--keep', '0']],
    running: [['list'], ['recover'], DYING],
    '.deaths': [DYING],
    incidents: [['incidents'], DYING],
    '.metrics': [['metrics', '--once']],
    '.trash': [['prune', '--keep', '0'], DYING],
  })) {
    test(`a link in the place of ${folder} is followed by nobody`, { skip }, async () => {
      const hostile = place();
      put(hostile.root, {
        'sessions/two/summary.json': SUMMARY('two'),
        'running/lost/enrollment.json': enrollment('lost', 4_000_000),
      });
      rmSync(join(hostile.root, folder), { recursive: true, force: true });
      symlinkSync(hostile.outside, join(hostile.root, folder));
      const ended = await attack(hostile, commands);
      if (commands.includes(DYING))
        assert.equal(ended[commands.indexOf(DYING)]?.code, 137, 'the agent ran all the same');
    });
  }

  /** What another user can put into a root, to have somebody else's process ended or somebody else's file opened. */
  function forge(hostile: Place, victim: number): void {
    const { boot_id: bootId, starttime_ticks: startTicks } = identityOf(victim);
    const leftover = { pid: victim, start_ticks: startTicks, boot_id: bootId, comm: 'sleep', age_seconds: 1 };
    const group = JSON.stringify({ pid: 1, starttime_ticks: 1, boot_id: bootId });
    put(hostile.root, {
      'running/group/enrollment.json': enrollment('group', victim),
      'running/group/stop-request': '',
      'running/alone/enrollment.json': enrollment('alone', victim, { mode: 'attach', spawned: null }),
      'running/alone/stop-request': '',
      'running/taken/enrollment.json.taken-4000000-1': enrollment('taken', victim),
      'running/taken/stop-request': '',
      'running/everybody/enrollment.json': enrollment('everybody', victim, {
        spawned: JSON.parse(group) as object,
        pid: -1,
      }),
      'running/everybody/stop-request': '',
      'sessions/left/summary.json': SUMMARY('left', {
        end_ts: '2026-01-01T00:01:00+00:00',
        transcript: join(hostile.home, 'secret.jsonl'),
        leftover_processes: [leftover, { ...leftover, pid: 1 }, { ...leftover, pid: -1 }, { ...leftover, pid: 0 }],
        failures: { sources: [{ line: 1, handle: 'src:0123456789ab:L1', category: 'unknown', rule: 'x' }], counts: {} },
      }),
      'sessions/claimed/summary.json': SUMMARY('claimed'),
      'sessions/claimed/enrollment.json': enrollment('claimed', victim),
      '.trash/1-0-theirs/file': 'x',
    });
  }

  function giveTo(path: string, uid: number): void {
    for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
      lchownSync(join(path, name), uid, uid);
  }

  const DIRECTIONS = [
    { who: 'root against files of another user', uid: undefined, owner: NOBODY },
    { who: 'another user against files of root', uid: NOBODY, owner: 0 },
  ];

  for (const { who, uid, owner } of DIRECTIONS) {
    test(
      `forged enrollments, claims, stop requests and leftovers signal nobody and change nothing: ${who}`,
      { skip: skipUsers },
      async () => {
        const hostile = place();
        const victim = bystander(uid);
        try {
          await until('the bystander to run', () => readFileSync(`/proc/${victim.pid}/comm`, 'utf8') === 'sleep\n');
          forge(hostile, victim.pid ?? 0);
          put(hostile.home, { 'secret.jsonl': `${JSON.stringify({ error: 'a secret of its reader' })}\n` });
          giveTo(hostile.root, owner);
          for (const path of [hostile.workspace, hostile.outside]) giveTo(path, uid ?? 0);
          lchownSync(join(hostile.home, 'secret.jsonl'), uid ?? 0, uid ?? 0);
          // Whoever made it lets everybody look, and even write.
          for (const name of ['', 'running', 'sessions', '.trash']) chmodSync(join(hostile.root, name), 0o777);
          const inside = listing(hostile.root);
          const ended = await attack(
            hostile,
            [
              ['recover'],
              ['stop', 'group'],
              ['stop', 'alone'],
              ['cleanup', 'left'],
              ['link', 'left', join(hostile.home, 'secret.jsonl')],
              ['prune', '--keep', '0'],
              ['attach', '--resume', 'group'],
              ['report', 'left', '--detailed'],
              ['list'],
              ['show', 'left'],
              ['doctor'],
              ['run', '--id', 'mine', '--max-sessions', '0', '--', 'sh', '-c', 'exit 3'],
            ],
            { uid },
          );
          assert.equal(victim.exitCode ?? victim.signalCode, null, 'the bystander lives');
          assert.deepEqual(
            ended.map(({ code }) => code),
            [0, 1, 1, 1, 1, 0, 0, 0, 0, 0, owner === 0 ? 0 : 1, 3],
          );
          for (const number of [0, 1, 2, 3, 4]) assert.match(ended[number]?.text ?? '', /belongs to another user/);
          assert.doesNotMatch(ended[7]?.text ?? '', /a secret of its reader/);
          assert.match(ended[8]?.text ?? '', /left[^]*claimed|claimed[^]*left/, 'what others own is shown');
          if (owner !== 0) assert.deepEqual(listing(hostile.root), inside, 'nothing of theirs was touched');
        } finally {
          victim.kill('SIGKILL');
        }
      },
    );
  }

  test(
    'a process that took over the pid of a forgotten one is not ended, and neither is our own group',
    { skip },
    async () => {
      const hostile = place();
      const victim = bystander();
      const other = { ...identityOf(victim.pid ?? 0), starttime_ticks: 1 };
      const leftover = { pid: other.pid, start_ticks: 1, boot_id: other.boot_id, comm: 'sleep', age_seconds: 1 };
      const own = identityOf(process.pid);
      put(hostile.root, {
        'running/reused/enrollment.json': enrollment('reused', other.pid, {
          spawned: { pid: other.pid, starttime_ticks: 1 },
        }),
        'running/reused/stop-request': '',
        'running/rebooted/enrollment.json': enrollment('rebooted', other.pid, { boot_id: 'another' }),
        'running/rebooted/stop-request': '',
        'sessions/left/summary.json': SUMMARY('left', {
          leftover_processes: [leftover, { ...leftover, pid: own.pid, start_ticks: own.starttime_ticks }].slice(0, 1),
        }),
      });
      try {
        await attack(hostile, [['cleanup', 'left'], ['recover']]);
        assert.equal(victim.exitCode ?? victim.signalCode, null);
        assert.deepEqual(readdirSync(join(hostile.root, 'sessions')).toSorted(), ['left', 'rebooted', 'reused']);
      } finally {
        victim.kill('SIGKILL');
      }
    },
  );

  const most = 64 * 1024;
  const CONFIGS: readonly (readonly [string, (path: string, outside: string) => void])[] = [
    ...Object.entries(KINDS),
    ['nested question marks', (path) => writeFileSync(path, `linux_tracing:\n  ${'? '.repeat(600)}\n`)],
    [
      '100,000 keys',
      (path) => writeFileSync(path, Array.from({ length: 100_000 }, (_unused, n) => `? k${n}`).join('\n')),
    ],
    ['brackets', (path) => writeFileSync(path, `linux_tracing: ${'['.repeat(most - 20)}`)],
    ['aliases', (path) => writeFileSync(path, `a: &a [x]\n${'b: [*a, *a]\n'.repeat(4000)}linux_tracing: *a\n`)],
    [
      'a log_dir in /etc',
      (path) => writeFileSync(path, 'linux_tracing:\n  log_dir: /etc/session-diagnostics-attack\n'),
    ],
    ['a log_dir in the workspace', (path) => writeFileSync(path, 'linux_tracing:\n  log_dir: .logs\n')],
    [
      'a log_dir behind a link',
      (path) => {
        symlinkSync('/etc', join(dirname(dirname(path)), 'way'));
        writeFileSync(path, 'linux_tracing:\n  log_dir: way/session-diagnostics-attack\n');
      },
    ],
  ];

  for (const [what, make] of CONFIGS) {
    test(
      `${what} in the place of a cloned repository’s config.yaml: the agent runs, and is recorded where its user keeps recordings`,
      { skip },
      async () => {
        const hostile = place();
        const file = join(hostile.workspace, '.autoskillit/config.yaml');
        mkdirSync(dirname(file));
        make(file, hostile.outside);
        const before = readdirSync(hostile.workspace);
        const isTold = /link|pipe|socket|folder|log_dir/.test(what);
        const commands = [['run', '--', 'sh', '-c', 'exit 3'], ...(isTold ? [['doctor']] : [])];
        const [ran, doctor] = await attack(hostile, commands, { isDefaultRoot: true });
        assert.equal(ran?.code, 3);
        assert.equal(readdirSync(join(hostile.home, '.local/share/autoskillit/logs/sessions')).length, 1);
        assert.deepEqual(readdirSync(hostile.workspace), before);
        assert.equal(existsSync('/etc/session-diagnostics-attack'), false);
        if (isTold) assert.match(doctor?.text ?? '', /does\s+not\s+count|is\s+not\s+read/);
      },
    );
  }

  test('folders that are swapped for links while a session runs get nothing of it', { skip }, async () => {
    for (const swapped of ['running/live', 'running', '.'] as const) {
      const hostile = place();
      const gate = join(hostile.home, 'gate');
      const untouched = listing(hostile.outside);
      const agent = ['sh', '-c', 'until [ -e "$0" ]; do sleep 0.02; done; exit 3', gate];
      const started = startCli(['run', '--log-dir', hostile.root, '--id', 'live', '--interval', '0.1', '--', ...agent]);
      await until('a sample', () => existsSync(join(hostile.root, 'running/live/proc_trace.jsonl')));
      const path = join(hostile.root, swapped);
      renameSync(path, join(hostile.home, 'moved'));
      symlinkSync(hostile.outside, swapped === '.' ? hostile.root : path);
      writeFileSync(gate, '');
      const recorder = recorderOf(started.child.pid ?? 0, 20_000, started.finished);
      const { code, stderr } = await started.finished;
      assert.equal(code, 3, stderr);
      assert.equal((await recorder).hasEnded, true, `${swapped}: the recorder goes too`);
      assert.deepEqual(listing(hostile.outside), untouched, swapped);
      const kept = join(hostile.home, 'moved', { 'running/live': '.', running: 'live', '.': 'running/live' }[swapped]);
      assert.ok(existsSync(join(kept, 'proc_trace.jsonl')), `${swapped}: what was recorded stays where it is`);
    }
  });

  test(
    'an index larger than any string takes no memory, hides no session, and gets no line twice',
    { skip },
    async () => {
      const hostile = place();
      put(hostile.root, {
        'sessions/known/summary.json': SUMMARY('known'),
        'sessions/new/summary.json': SUMMARY('new'),
      });
      const index = join(hostile.root, 'sessions.jsonl');
      execFileSync('truncate', ['-s', '600M', index]);
      const { size } = lstatSync(index);
      writeFileSync(index, `\n${SUMMARY('known')}\n`, { flag: 'a' });
      const [, listed] = [await attacked(hostile, ['recover']), await attacked(hostile, ['list'])];
      assert.ok((listed.maxRssMb ?? Infinity) < 200, `${listed.maxRssMb} MB`);
      assert.match(listed.text, /known[^]*new|new[^]*known/);
      const added = execFileSync('tail', ['-c', `+${size + 1}`, index], { encoding: 'utf8' })
        .trim()
        .split('\n');
      assert.deepEqual(
        added.map((line) => (JSON.parse(line) as { dir_name: string }).dir_name),
        ['known', 'new'],
      );
    },
  );

  test('a root behind a linked home reads and records as ever', { skip }, async () => {
    const hostile = place();
    const real = join(hostile.home, 'real');
    renameSync(hostile.root, real);
    symlinkSync(real, hostile.root);
    const ended = await attack(hostile, [
      ['run', '--id', 'one', '--', 'sh', '-c', 'exit 3'],
      ['show', 'one'],
      ['recover'],
      ['report', 'one'],
      ['prune', '--keep', '0'],
    ]);
    assert.deepEqual(
      ended.map(({ code }) => code),
      [3, 0, 0, 0, 0],
    );
    assert.match(ended[4]?.text ?? '', /Removed 1 /);
    assert.match(readFileSync(join(real, 'session_lifecycle.log'), 'utf8'), /"sessions_pruned"/);
  });

  test('the end of a run removes a hundred old sessions at most, ours alone, and says how many', { skip }, async () => {
    const hostile = place();
    for (let number = 0; number < 150; number += 1)
      put(hostile.root, { [`sessions/s${number}/summary.json`]: SUMMARY(`s${number}`) });
    put(hostile.root, { '.trash/mine/file': 'x', '.trash/1-0-crashed/file': 'x' });
    const theirs = skipUsers === false;
    if (theirs) giveTo(join(hostile.root, 'sessions/s0'), NOBODY);
    await attack(hostile, [['run', '--id', 'new', '--max-sessions', '10', '--', 'true']]);
    assert.equal(readdirSync(join(hostile.root, 'sessions')).length, 51);
    assert.deepEqual(readdirSync(join(hostile.root, '.trash')), ['mine']);
    const pruned = readFileSync(join(hostile.root, 'session_lifecycle.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('sessions_pruned'));
    assert.deepEqual(
      pruned.map((line) => (JSON.parse(line) as { context: object }).context),
      [{ count: 100 }],
    );
    await attack(hostile, [['prune', '--keep', '0']]);
    assert.deepEqual(readdirSync(join(hostile.root, 'sessions')), theirs ? ['s0'] : []);
  });
});

assert.ok(existsSync(CLI), 'npm run build:cli comes first');
