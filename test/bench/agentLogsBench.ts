import { linkSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { BenchRow } from './run.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const LOGS = 10_000;
const READ = 200;
const LOG_BYTES = 500 * 1024;
const BAR_FIRST_MS = 2000;
const BAR_SECOND_MS = 200;

/** A user who has worked for months: 10,000 logs in 100 folders, 5 GB by their names; those that are not read are one file. */
export function bench(): Promise<readonly BenchRow[]> {
  const home = mkdtempSync(join(tmpdir(), 'agent-logs-bench-'));
  try {
    const old = join(home, 'old');
    writeFileSync(old, logText(0));
    const nowSeconds = Date.now() / 1000;
    for (let i = 0; i < LOGS; i++) {
      const folder = join(home, '.claude/projects', `-srv-project-${i % 100}`);
      if (i < 100) mkdirSync(folder, { recursive: true });
      const path = join(folder, `${i}.jsonl`);
      if (i >= READ) linkSync(old, path);
      else {
        writeFileSync(path, logText(i));
        utimesSync(path, nowSeconds - i, nowSeconds - i);
      }
    }
    utimesSync(old, nowSeconds - 86_400, nowSeconds - 86_400);
    const [first, second] = [listMs(home), listMs(home)];
    const bare = listMs(home, []);
    return Promise.resolve([
      row(`list --logs of ${LOGS} logs, the newest ${READ} read, first`, first, BAR_FIRST_MS),
      row('and again', second - bare, BAR_SECOND_MS),
      { name: 'list alone, which the second is less', value: bare, unit: 'ms' },
    ]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function row(name: string, value: number, most: number): BenchRow {
  return { name, value, unit: 'ms', bar: `<= ${most}`, held: value <= most };
}

function listMs(home: string, flags: readonly string[] = ['--logs']): number {
  const env = {
    ...process.env,
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    XDG_DATA_HOME: join(home, 'share'),
  };
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'list', ...flags, '--json'], {
    env,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - before;
}

function logText(seed: number): string {
  const line = (type: string, n: number, content: unknown, more: object = {}): string =>
    `${JSON.stringify({
      type,
      uuid: `u${n}`,
      sessionId: `6f0d3f0e-0c34-4a7e-9d53-${String(seed).padStart(12, '0')}`,
      cwd: '/srv/project',
      timestamp: new Date(Date.now() - 3_600_000 + n).toISOString(),
      message: { role: type, content, ...more },
    })}\n`;
  let text = line('user', 0, 'do the work');
  for (let n = 1; text.length < LOG_BYTES; n += 2) {
    const call = { type: 'tool_use', id: `t${n}`, name: 'Bash', input: { command: `cat src/file${n}.ts` } };
    const result = {
      type: 'tool_result',
      tool_use_id: `t${n}`,
      content: 'const value = compute("text");\n'.repeat(60),
    };
    text += line('assistant', n, [call], { stop_reason: 'tool_use' }) + line('user', n + 1, [result]);
  }
  // Every tenth stopped in a call.
  return seed % 10 === 3
    ? text
    : text + line('assistant', 3_000_000, [{ type: 'text', text: 'done' }], { stop_reason: 'end_turn' });
}
