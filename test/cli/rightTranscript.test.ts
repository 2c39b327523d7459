import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { published, runCli, testRoot } from './builtCli.ts';

const root = testRoot();
const home = realpathSync(mkdtempSync(join(tmpdir(), 'right-log-')));
after(() => {
  root.remove();
  rmSync(home, { recursive: true, force: true });
});

/** A folder in which an agent runs, and where its logs of it are. */
function folder(name: string) {
  const cwd = join(home, name);
  const logs = join(home, '.claude/projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'));
  mkdirSync(cwd, { recursive: true });
  mkdirSync(logs, { recursive: true });
  return { cwd, logs };
}

/** Agents that write a log each, and end when all have begun. */
async function atOnce(name: string, ids: readonly string[], script: (log: string) => string): Promise<void> {
  const { cwd, logs } = folder(name);
  const program = join(cwd, 'claude');
  const line = `{"type":"user","cwd":"${cwd}","sessionId":"$1","uuid":"u","message":{"role":"user","content":"go"}}`;
  const waits = ids.map((id) => `while [ ! -e ${cwd}/${id} ]; do sleep 0.05; done`).join('; ');
  const body = [
    `line='${line.replace('$1', "'$1'")}'`,
    script(`${logs}/$1.jsonl`),
    `touch ${cwd}/$1`,
    waits,
    'sleep 1.2',
  ];
  writeFileSync(program, `#!/bin/sh\n${body.join('\n')}\n`, { mode: 0o755 });
  const env = { HOME: home, CLAUDE_CONFIG_DIR: join(home, '.claude') };
  const run = (id: string) =>
    runCli(['run', '--interval', '0.2', '--log-dir', root.path, '--id', id, '--', program, id], { cwd, env });
  await Promise.all(ids.map(run));
  await published(root.path);
}

interface Told {
  readonly transcript: string | null;
  readonly transcript_candidates?: readonly string[];
}
const summaryOf = (id: string) => root.json('sessions', id, 'summary.json') as unknown as Told;

test('of two agents in one folder at once, each has the log that it held open', async () => {
  await atOnce('held', ['a1', 'a2'], (log) => `exec 3>>"${log}"; echo "$line" >&3`);
  for (const id of ['a1', 'a2']) assert.match(String(summaryOf(id).transcript), new RegExp(`/${id}\\.jsonl$`));
});

test('where nothing proves whose a log is, none is taken, and both are named', async () => {
  await atOnce('loose', ['b1', 'b2'], (log) => `echo "$line" >> "${log}"`);
  for (const id of ['b1', 'b2']) {
    const { transcript, transcript_candidates: candidates = [] } = summaryOf(id);
    assert.deepEqual([transcript, candidates.length], [null, 2]);
  }
  const { stdout } = await runCli(['show', 'b1', '--log-dir', root.path]);
  assert.match(stdout, /link b1 FILE/);
  assert.match(stdout, /b2\.jsonl/);
});
