import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CLI, runCli, showSession, startCli, testRoot, until, type Started, type TestRoot } from '../builtCli.ts';

const isTmuxHere = spawnSync('tmux', ['-V']).status === 0;

let root: TestRoot;
let sockets: string;
let serverPid = 0;
let started: Started[] = [];

/** A real server of our own, reached as a user's is: by its folder in the environment. */
const environment = () => ({ TMUX_TMPDIR: sockets, TMUX: '', TMUX_PANE: '', ENV: '', HISTFILE: '' });

function tmux(...args: string[]): string {
  const options = { env: { ...process.env, ...environment() }, encoding: 'utf8', timeout: 10_000 } as const;
  const { status, stdout, stderr } = spawnSync('tmux', ['-f', '/dev/null', ...args], options);
  assert.equal(status, 0, `tmux ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

function open(name: string, ...command: string[]): void {
  tmux('new-session', '-d', '-s', name, ...command);
  serverPid = Number(tmux('display-message', '-p', '-t', name, '#{pid}'));
}

/** In the active pane. */
const programIn = (name: string) => tmux('display-message', '-p', '-t', name, '#{pane_current_command}');

beforeEach(() => {
  root = testRoot();
  sockets = mkdtempSync(join(tmpdir(), 'sd-tmux-'));
});

afterEach(async () => {
  if (serverPid > 0 && isRunning(serverPid)) process.kill(serverPid, 'SIGKILL');
  for (const { child } of started) if (child.exitCode === null) child.kill('SIGTERM');
  await Promise.all(started.map(({ finished }) => finished));
  started = [];
  serverPid = 0;
  rmSync(sockets, { recursive: true, force: true });
  root.remove();
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // gone
  }
}

async function attach(name: string, env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const args = ['attach', '--tmux', name, '--id', name, '--log-dir', root.path, '--interval', '0.2'];
  const recorder = startCli(args, { env: { ...environment(), ...env } });
  started.push(recorder);
  await until(`the health of ${name}`, () => healthOf(name).length > 0);
  return recorder;
}

function healthOf(id: string) {
  return root.lines('running', id, 'lifecycle.jsonl').filter(({ event }) => event === 'tmux_health');
}

async function endOf(id: string, recorder: Started) {
  await until(`the end of ${id}`, () => root.sessionIds().includes(id));
  await recorder.finished;
  const shown = await showSession(root, id);
  const lost = shown.lifecycle.find(({ event }) => event === 'tmux_lost') as { reason?: string } | undefined;
  const { outcome, cause } = shown.verdict;
  return { outcome, cause, lost: lost?.reason, evidence: shown.verdict.evidence };
}

interface FoundIncident {
  readonly incident_id: string;
  readonly last_ts: string;
  readonly cause: string;
  readonly candidates: readonly { readonly name: string; readonly evidence: readonly { readonly name?: string }[] }[];
  readonly sessions: readonly { readonly dir_name: string }[];
}

async function incidents(): Promise<readonly FoundIncident[]> {
  const { stdout } = await runCli(['incidents', '--log-dir', root.path, '--json']);
  return JSON.parse(stdout) as FoundIncident[];
}

describe('a recorded tmux session', { skip: !isTmuxHere }, () => {
  test('is listed with the process in its active pane, and its health is told', async () => {
    open('listed', 'sleep 60');
    await until('the program in its pane', () => programIn('listed') === 'sleep');
    const { stdout } = await runCli(['attach', '--list-tmux', '--json'], { env: environment() });
    const [session] = JSON.parse(stdout) as { name: string; pid: number; command: string; panes: number }[];
    assert.equal(session?.name, 'listed');
    assert.equal(session.command, 'sleep 60');
    assert.equal(session.pid, Number(tmux('display-message', '-p', '-t', 'listed', '#{pane_pid}')));
    const recorder = await attach('listed');
    assert.deepEqual(healthOf('listed')[0]?.['context'], {
      server_alive: true,
      server_pid: serverPid,
      sessions: 1,
      clients: 0,
    });
    recorder.child.kill('SIGINT');
    assert.equal((await endOf('listed', recorder)).outcome, 'running', 'ending the recording ends nothing else');
    assert.equal(
      (await showSession(root, 'listed')).summary['label'],
      'listed',
      'it is known by the name its user gave',
    );
  });

  test('that does not exist is refused with the names of those that do', async () => {
    open('other', 'sleep 60');
    const refused = await runCli(['attach', '--tmux', 'nosuch', '--log-dir', root.path], { env: environment() });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /no tmux session "nosuch".*other/);
  });

  test('has all its panes in the tree, and the agent in the foreground of the active one tracked', async () => {
    open('panes', 'exec /bin/sh -i');
    tmux('split-window', '-d', '-t', 'panes', 'sleep 61');
    tmux('send-keys', '-t', 'panes', 'sleep 62', 'Enter');
    await until('the agent in the pane', () => programIn('panes') === 'sleep');
    const recorder = await attach('panes');
    const commands = await until('a sample of the whole tree', () => {
      const members = root.lines('running', 'panes', 'tree.jsonl').at(-1)?.['processes'] as
        | { comm: string }[]
        | undefined;
      const names = members?.map(({ comm }) => comm) ?? [];
      return names.filter((comm) => comm === 'sleep').length === 2 && names;
    });
    assert.equal(commands.length, 3, commands.join(' '));
    assert.equal(root.lines('running', 'panes', 'proc_trace.jsonl').at(-1)?.['comm'], 'sleep');
    tmux('send-keys', '-t', 'panes', 'C-c');
    const end = await endOf('panes', recorder);
    assert.equal(end.lost, undefined, 'nothing of tmux went away');
    assert.deepEqual((await showSession(root, 'panes')).leftovers, [], 'a terminal that is still there is no leftover');
  });

  test('whose server is killed by another process dies with the others: one incident, with its killer', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) open(name, 'sleep 60');
    const recorders = await Promise.all(names.map((name) => attach(name)));
    const killer = spawn('sh', ['-c', `kill -9 ${serverPid}; sleep 20`], { stdio: 'ignore' });
    for (const [index, recorder] of recorders.entries()) {
      const end = await endOf(names[index] ?? '', recorder);
      assert.deepEqual([end.outcome, end.cause, end.lost], ['died', 'terminal_lost', 'server_gone']);
    }
    killer.kill('SIGKILL');
    const [incident, ...more] = await incidents();
    assert.equal(more.length, 0);
    assert.ok(incident !== undefined);
    assert.equal(incident.cause, 'terminal_lost');
    const writtenMs = statSync(join(root.path, 'incidents', `${incident.incident_id}.json`)).mtimeMs;
    assert.ok(writtenMs - Date.parse(incident.last_ts) < 2000, 'two seconds after the last death it is there');
    assert.deepEqual(incident.sessions.map(({ dir_name }) => dir_name).toSorted(), names.toSorted());
    assert.deepEqual(
      incident.candidates.map(({ name }) => name),
      ['tmux_server', 'killer_process'],
    );
    assert.equal(incident.candidates[1]?.evidence[0]?.name, 'sh');
  });

  test('that is left with exit, or closed with kill-session, is no death and no incident', async () => {
    open('shell', 'PS1=ready exec /bin/sh -i');
    open('closed', 'sleep 60');
    open('stays', 'sleep 60');
    await until('the prompt', () => tmux('capture-pane', '-p', '-t', 'shell').includes('ready'));
    const [shell, closed] = [await attach('shell'), await attach('closed')];
    tmux('send-keys', '-t', 'shell', 'exit', 'Enter');
    const first = await endOf('shell', shell);
    tmux('kill-session', '-t', 'closed');
    const ends = [first, await endOf('closed', closed)];
    assert.deepEqual(
      ends.map(({ outcome, cause }) => [outcome, cause]),
      [
        ['succeeded', 'completed'],
        ['stopped', 'stopped'],
      ],
      JSON.stringify(ends),
    );
    assert.deepEqual(await incidents(), []);
  });

  test('that was the last of its server takes it along, and is no death either', async () => {
    open('only', 'sleep 60');
    const recorder = await attach('only');
    tmux('kill-session', '-t', 'only');
    const end = await endOf('only', recorder);
    assert.equal(end.outcome, 'stopped', JSON.stringify(end));
    serverPid = 0;
  });

  test('with kill-server ends because its terminal was lost, and tmux is told to have been stopped', async () => {
    open('stopped', 'sleep 60');
    const recorder = await attach('stopped');
    tmux('kill-server');
    const end = await endOf('stopped', recorder);
    assert.deepEqual([end.cause, end.lost], ['terminal_lost', 'server_stopped']);
    serverPid = 0;
  });

  test('whose server is killed with all clients of tmux is told so at once, too', async () => {
    open('every', 'sleep 60');
    const recorder = await attach('every');
    const waiter = spawnSync('pgrep', ['-P', String(recorder.child.pid), 'tmux'], { encoding: 'utf8' }).stdout.trim();
    spawnSync('kill', ['-KILL', waiter, String(serverPid)]);
    const end = await endOf('every', recorder);
    assert.deepEqual([end.cause, end.lost], ['terminal_lost', 'server_gone']);
  });

  test('of which one pane’s program dies is gone without a trace, not closed, where nobody tells how', async () => {
    open('pane', 'sleep 60');
    tmux('split-window', '-d', '-t', 'pane', 'sleep 61');
    const recorder = await attach('pane', { SESSION_DIAGNOSTICS_EXIT_NOTICE: 'off' });
    process.kill(Number(tmux('display-message', '-p', '-t', 'pane', '#{pane_pid}')), 'SIGKILL');
    const end = await endOf('pane', recorder);
    assert.deepEqual([end.outcome, end.cause, end.lost], ['lost', 'vanished', 'pane_gone']);
  });

  test('whose socket vanished is told apart from one whose server did', async () => {
    open('socket', 'sleep 60');
    open('stays', 'sleep 60'); // without a session the server would end, too
    const pid = Number(tmux('display-message', '-p', '-t', 'socket', '#{pane_pid}'));
    const recorder = await attach('socket');
    rmSync(sockets, { recursive: true });
    process.kill(pid, 'SIGKILL');
    assert.equal((await endOf('socket', recorder)).lost, 'socket_gone');
  });
});

describe('a session that was started inside a tmux pane', { skip: !isTmuxHere }, () => {
  async function runInside(name: string): Promise<void> {
    const agent = 'import os,time; time.sleep(60)';
    const run = [process.execPath, CLI, 'run', '--log-dir', root.path, '--id', name, '--interval', '0.2', '--'];
    open(name, [...run, 'python3', '-c', `'${agent}'`].join(' '));
    await until(`the health of ${name}`, () => healthOf(name).length > 0);
  }

  async function ended(name: string) {
    await until('the session to be finished', () => root.sessionIds().includes(name));
    const { verdict } = await showSession(root, name);
    return [verdict.outcome, verdict.cause, verdict.evidence.find(({ kind }) => kind === 'tmux')?.name];
  }

  test('notices that its server was killed', async () => {
    await runInside('inside');
    process.kill(serverPid, 'SIGKILL');
    assert.deepEqual(await ended('inside'), ['died', 'terminal_lost', 'server_gone']);
  });

  test('knows that its session was closed by its user', async () => {
    await runInside('closed');
    open('stays', 'sleep 60');
    tmux('kill-session', '-t', 'closed');
    assert.deepEqual(await ended('closed'), ['stopped', 'stopped', 'session_closed']);
  });
});
