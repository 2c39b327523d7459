import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { type Coverage, readCoverage } from './coverage.ts';
import { importsOf } from './imports.ts';

/** A copy of the tree in which files may be changed: the tree itself never holds a mutant. */
export interface Copy {
  readonly path: string;
  readonly write: (file: string, text: string) => void;
  readonly remove: () => void;
}

const LEFT_BEHIND = new Set(['node_modules', 'dist', '.git']);

export function copyTree(root: string): Copy {
  const path = mkdtempSync(join(tmpdir(), 'session-diagnostics-mutants-'));
  chmodSync(path, 0o755); // some tests start programs as another user
  for (const name of readdirSync(root))
    if (!LEFT_BEHIND.has(name)) cpSync(join(root, name), join(path, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'));
  mkdirSync(join(path, 'tmp'));
  chmodSync(join(path, 'tmp'), 0o1777);
  return {
    path,
    write: (file, text) => writeFileSync(join(path, file), text),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Tests that measure time fail beside others, and tell nothing of a mutant. */
const TIMED = '/makes it slow/';

export type RunResult = 'passed' | 'failed' | 'took too long';

/** Runs test files in one process, until one test fails; whatever they started ends with them. */
export function runTests(
  copy: Copy,
  files: readonly string[],
  limitMs: number,
  environment: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: join(copy.path, 'tmp', 'compiled') },
): Promise<RunResult> {
  const options = ['--test', '--test-isolation=none', '--test-reporter=tap', `--test-skip-pattern=${TIMED}`];
  const child = spawn(process.execPath, [...options, ...files], {
    cwd: copy.path,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TMPDIR: join(copy.path, 'tmp'), ...environment },
  });
  return new Promise((done) => {
    let tail = '';
    const end = (result: RunResult) => {
      clearTimeout(timer);
      if (child.pid !== undefined) endGroup(child.pid);
      done(result);
    };
    const timer = setTimeout(() => end('took too long'), limitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (tail + text).split('\n');
      tail = lines.pop() ?? '';
      if (lines.some((line) => /^\s*not ok (?!.*# (?:TODO|SKIP))/.test(line))) end('failed');
    });
    child.on('error', () => end('failed'));
    child.on('close', (code) => end(code === 0 ? 'passed' : 'failed'));
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}

/** A test file as it is without mutants. */
export interface TestFile {
  readonly file: string;
  readonly imports: ReadonlyMap<string, number>;
  readonly ms: number;
  readonly coverage: Coverage;
}

/** The rooms whose tests are quick, and need nothing that is built. */
const QUICK: ReadonlySet<string> = new Set(['core', 'agents', 'logs', 'sessions', 'recorder', 'server', 'telemetry']);
const NEEDS_MORE = /^test\/(?:cli\/builtCli|rig|host|webview|bench)/;
/** A file of tests that takes longer is not run for every mutant. At nice 19 beside other work most take ten times as long. */
const LONGEST_MS = 90_000;

/** The quick test files that reach one of `sources`, each run once; `tell` hears of those that cannot be used. */
export async function measureTests(
  copy: Copy,
  sources: ReadonlySet<string>,
  tell: (line: string) => void,
): Promise<readonly TestFile[]> {
  const usable: TestFile[] = [];
  const names = readdirSync(join(copy.path, 'test'), { recursive: true, encoding: 'utf8' });
  for (const name of names.map((one) => one.replaceAll(sep, '/')).toSorted()) {
    if (!name.endsWith('.test.ts') || !QUICK.has(name.split('/')[0] ?? '')) continue;
    const file = `test/${name}`;
    const imports = importsOf(copy.path, file);
    if ([...imports.keys()].some((one) => NEEDS_MORE.test(one))) continue;
    if (![...imports.keys()].some((one) => sources.has(one))) continue;
    const { ms, coverage, result } = await measure(copy, file, imports);
    if (result === 'passed') usable.push({ file, imports, ms, coverage });
    else tell(`left out: ${file} ${result} as it is`);
  }
  return usable;
}

interface Measurement {
  readonly key: string;
  readonly ms: number;
  readonly result: RunResult;
  readonly coverage: Coverage;
}

/** Kept until the test or a file that it imports changes. */
async function measure(copy: Copy, file: string, imports: ReadonlyMap<string, number>): Promise<Measurement> {
  const hash = createHash('sha256');
  for (const name of imports.keys()) hash.update(readFileSync(join(copy.path, name)));
  const key = hash.digest('hex');
  const cache = join(copy.path, 'node_modules/.cache/mutants');
  const path = join(cache, `${file.replaceAll('/', '+')}.json`);
  try {
    const cached = JSON.parse(readFileSync(path, 'utf8')) as Measurement;
    if (cached.key === key) return cached;
  } catch {
    // Not measured yet.
  }
  const folder = mkdtempSync(join(copy.path, 'tmp', 'coverage-'));
  const start = performance.now();
  const result = await runTests(copy, [file], LONGEST_MS, { NODE_V8_COVERAGE: folder });
  const ms = Math.round(performance.now() - start);
  const measurement = { key, ms, result, coverage: result === 'passed' ? readCoverage(folder, copy.path) : {} };
  mkdirSync(cache, { recursive: true });
  if (result === 'passed') writeFileSync(path, JSON.stringify(measurement));
  return measurement;
}
