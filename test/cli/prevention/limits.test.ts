import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { limitPlaces, makeLimitGroups } from '../../../src/recorder/run/limitGroups.ts';
import { MEMORY_HOG } from '../deaths/memoryGroup.ts';
import { runCli, showSession, testRoot, until } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

const skip = limitPlaces() === undefined ? 'control groups cannot be made here' : false;

function run(id: string, flags: readonly string[], command: readonly string[]) {
  return runCli(['run', '--log-dir', root.path, '--id', id, ...flags, '--', ...command]);
}

/** Where the session's groups are, by the agent's own words. */
const PRINT_GROUPS = ['sh', '-c', 'grep session-diagnostics /proc/self/cgroup'];

test(
  'an agent that takes more memory than --memory-limit dies of its own limit, and the verdict says so',
  { skip },
  async () => {
    const finished = await run('memory', ['--memory-limit', '64M'], ['python3', '-c', MEMORY_HOG]);
    assert.equal(finished.code, 137, finished.stderr);
    const { verdict, lifecycle } = await showSession(root, 'memory');
    assert.equal(verdict.cause, 'oom_kill');
    assert.equal((verdict as { detail?: string }).detail, 'own_limit', JSON.stringify(verdict));
    assert.equal(verdict.confidence, 'certain');
    const told = lifecycle.filter(({ event }) => event === 'limit_set');
    assert.deepEqual(
      told.map((event) => [(event as { reason?: string }).reason, event.context?.['memory_limit_kb']]),
      [
        ['set', 65_536],
        ['removed', 65_536],
      ],
    );
    assert.match(
      (await runCli(['show', 'memory', '--log-dir', root.path])).stdout.replaceAll(/\s+/g, ' '),
      /its own limit/,
    );
  },
);

test('an agent that cannot fork for --pids-limit is told as at its own limit', { skip }, async () => {
  const program = 'import subprocess\nkept = [subprocess.Popen(["sleep", "1"]) for _ in range(40)]';
  const finished = await run('pids', ['--pids-limit', '12'], ['python3', '-c', program]);
  assert.equal(finished.code, 1);
  const { verdict } = await showSession(root, 'pids');
  assert.equal((verdict as { detail?: string }).detail, 'own_limit', JSON.stringify(verdict));
});

test(
  'an agent within its limits is inside from its first instruction, ends as ever, and its groups are gone',
  { skip },
  async () => {
    const flags = ['--memory-limit=512M', '--pids-limit=200', '--cpu-limit=1.5'];
    const finished = await run('healthy', flags, ['sh', '-c', `${PRINT_GROUPS[2] ?? ''}; exit 3`]);
    assert.equal(finished.code, 3);
    const groups = finished.stdout.split('\n').filter((line) => line.includes('/session-diagnostics-healthy'));
    assert.ok(groups.length === 3 || (groups.length === 1 && groups[0]?.startsWith('0::')), finished.stdout);
    const places = ['memory', 'pids', 'cpu', 'cpu,cpuacct', '.'].map((name) => join('/sys/fs/cgroup', name));
    const paths = groups.flatMap((line) => places.map((place) => join(place, line.split(':').slice(2).join(':'))));
    await until('its groups to be gone', () => paths.every((path) => !existsSync(path)));
  },
);

test(
  'an agent that cannot be started leaves no group behind, and has the code that it has without limits',
  { skip },
  async () => {
    const finished = await run('absent', ['--pids-limit=20'], ['no-such-program-here']);
    assert.equal(finished.code, 127);
    const made = ['pids', '.'].map((name) => join('/sys/fs/cgroup', name, 'session-diagnostics-absent'));
    assert.ok(made.every((path) => !existsSync(path)));
  },
);

test('a limit that is no amount is refused before anything is started', async () => {
  for (const flags of [
    ['--memory-limit', 'much'],
    ['--memory-limit', '8'],
    ['--memory-limit', '1K'],
    ['--cpu-limit', '0'],
  ]) {
    const finished = await run('wrong', flags, ['true']);
    assert.equal(finished.code, 2, flags.join(' '));
  }
  assert.ok(!existsSync(join(root.path, 'sessions', 'wrong')));
});

/** A copy of what the kernel shows to a user to whom systemd delegates groups; nothing here can be run in it. */
test('under version 2 the groups are made where the controllers are handed down', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-groups-'));
  t.after(() => rmSync(home, { recursive: true }));
  const procRoot = join(home, 'proc');
  const slice = join(home, 'sys/fs/cgroup/user.slice/app.slice');
  mkdirSync(join(procRoot, 'self'), { recursive: true });
  mkdirSync(join(slice, 'terminal.scope'), { recursive: true });
  writeFileSync(join(procRoot, 'self/mountinfo'), '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n');
  writeFileSync(join(procRoot, 'self/cgroup'), '0::/user.slice/app.slice/terminal.scope\n');
  writeFileSync(join(slice, 'terminal.scope/cgroup.subtree_control'), '\n');
  writeFileSync(join(slice, 'cgroup.subtree_control'), 'cpu memory pids\n');
  const limits = { memoryKb: 1024, pids: 7, cpus: 0.5 };
  const made = makeLimitGroups('one', limits, { procRoot, fileRoot: home });
  const directory = join(slice, 'session-diagnostics-one');
  assert.deepEqual(made, { ok: true, directories: [directory] });
  assert.equal(readFileSync(join(directory, 'memory.max'), 'utf8'), String(1024 * 1024));
  assert.equal(readFileSync(join(directory, 'pids.max'), 'utf8'), '7');
  assert.equal(readFileSync(join(directory, 'cpu.max'), 'utf8'), '50000 100000');
  writeFileSync(join(slice, 'cgroup.subtree_control'), 'cpu\n');
  assert.equal(makeLimitGroups('two', limits, { procRoot, fileRoot: home }).ok, false);
});
