import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLI } from '../builtCli.ts';
import { scratchFolder, scratchRoot } from '../../logs/scratch.ts';
import type { LogRoot } from '../../../src/logs/logRoot.ts';
import { fillRoot, fillWithMany } from './rootOfLists.ts';

const root = scratchRoot();
const home = scratchFolder();
fillRoot(root);
cpSync(join(root.sessions, 'sess-2026-11-26-77e0f1a3'), join(home, 'from-ci'), { recursive: true });
mkdirSync(join(home, 'empty'));

/** A screen of so many columns, on which the program prints; what it printed is passed on. */
const SCREEN = `
import fcntl, os, pty, struct, subprocess, sys, termios
screen, terminal = pty.openpty()
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, int(sys.argv[1]), 0, 0))
child = subprocess.Popen(sys.argv[2:], stdin=terminal, stdout=terminal, stderr=terminal)
os.close(terminal)
while True:
    try: data = os.read(screen, 65536)
    except OSError: break
    if not data: break
    os.write(1, data.replace(b"\\r", b""))
sys.exit(child.wait())
`;

interface Told {
  /** Of a screen; a pipe where it is left out. */
  readonly columns?: number;
  readonly of?: LogRoot;
}

function told(words: readonly string[], { columns, of = root }: Told = {}): string {
  const command = [process.execPath, CLI, ...words, '--log-dir', of.path];
  const [program = '', ...args] =
    columns === undefined ? command : ['python3', '-c', SCREEN, String(columns), ...command];
  const env = { ...process.env, TZ: 'UTC', HOME: home, NO_COLOR: '1', TERM: 'xterm' };
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: home,
    env,
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  });
  const printed = `${stdout}${stderr}`.replaceAll(of.path, 'ROOT').replaceAll(home, 'HOME');
  return `$ session-diagnostics ${words.map((word) => (/[^\w./:=-]/.test(word) ? `'${word}'` : word)).join(' ')}\n${printed}${status === 0 ? '' : `[${status}]\n`}`;
}

/** What a person reads; `GOLDEN=write` writes anew what was read and found good. */
function assertGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, name);
  if (process.env['GOLDEN'] === 'write') writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'));
}

const WITH_FLAGS = [
  ['list'],
  ['list', '--failed'],
  ['list', '--agent', 'claude', '--cause', 'oom'],
  ['list', '--agent', 'Claude Code', '--since', '2026-11-26'],
  ['list', '--grep', 'nightly'],
  ['list', '--grep', 'cause:failed "Nov 26"'],
  ['list', '--grep', 'no such words'],
];
const SHOWN = [['show'], ['show', 'last'], ['show', 'sess-2026-11-26'], ['show', './from-ci']];
const MISTAKES = [
  ['lst'],
  ['list', '--lgos'],
  ['list', '--agent', 'clade'],
  ['list', '--cause', 'oom-klled'],
  ['list', '--since', 'soon'],
  ['list', '--grep', 'agnt:claude'],
  ['show', 'sess-2026-11-27'],
  ['show', 'sess-2026-11-26-77e0f1b3'],
  ['show', 'lst'],
  ['show', 'nothing-like-it'],
  ['show', './empty'],
  ['stop', 'sess-2026-11-26'],
];

test('list and show in a pipe say it as a person would want it, and keep every command whole', () => {
  const text = [...WITH_FLAGS, ...SHOWN].map((words) => told(words)).join('\n');
  assertGolden('inPipes.txt', text);
  assert.ok(text.includes("claude -p 'fix the failing test in the shop' --output-format stream-json --verbose"));
});

test('typing errors are answered with what was meant', () => {
  assertGolden('mistakes.txt', MISTAKES.map((words) => told(words)).join('\n'));
});

test('on a screen of 80 columns each line fits, and says what the session was about', () => {
  const text = [...WITH_FLAGS.slice(0, 3), ['show']].map((words) => told(words, { columns: 80 })).join('\n');
  assertGolden('at80Columns.txt', text);
  const long = text.split('\n').filter((line) => line.length > 80 && !line.startsWith('$'));
  assert.deepEqual(long, []);
});

const MANY = 10_000;

test('of ten thousand sessions each is listed with its whole command, found by a word, and named by the least that tells it', () => {
  const of = scratchRoot();
  fillWithMany(of, MANY);
  const lines = told(['list'], { of }).split('\n');
  assert.equal(lines.filter((line) => /^\d\d-\d\d .* --output-format stream-json --verbose$/.test(line)).length, MANY);
  const asked = [
    ['list', '--grep', '"change 9999"'],
    ['show', 'sess-2026-01-01-0000999'],
    ['show', 'sess-2026-01-01-0009998x'],
  ];
  assertGolden('tenThousand.txt', asked.map((words) => told(words, { of })).join('\n'));
});
