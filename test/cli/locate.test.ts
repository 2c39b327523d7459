import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

test('a handle leads to its file and line here, and to nothing in another log root', async () => {
  const file = join(root.path, '..', 'log.jsonl');
  writeFileSync(file, '{"type":"turn.started"}\n{"type":"turn.failed","error":{"message":"429 Too Many Requests"}}\n');
  const analyzed = await runCli(['analyze', file, '--json', '--log-dir', root.path]);
  const { sources } = JSON.parse(analyzed.stdout) as { sources: { handle: string; line: number }[] };
  const handle = sources[0]?.handle ?? '';
  const located = await runCli(['locate', handle, '--json', '--log-dir', root.path]);
  assert.deepEqual(JSON.parse(located.stdout), { file, line: sources[0]?.line });
  const stranger = await runCli(['locate', handle, '--log-dir', join(root.path, 'elsewhere')]);
  assert.equal(stranger.code, 1);
  assert.equal((await runCli(['locate', 'L7', '--log-dir', root.path])).code, 2);
});

test('after the key is rotated the same line has another handle, and the old one still leads to it', async () => {
  const file = join(root.path, '..', 'rotated.jsonl');
  writeFileSync(file, '{"type":"turn.started"}\n{"type":"turn.failed","error":{"message":"429 Too Many Requests"}}\n');
  const handleOf = async (): Promise<string> => {
    const { stdout } = await runCli(['analyze', file, '--json', '--log-dir', root.path]);
    return (JSON.parse(stdout) as { sources: { handle: string }[] }).sources[0]?.handle ?? '';
  };
  const locate = async (...args: string[]) => runCli(['locate', ...args, '--log-dir', root.path]);
  const before = await handleOf();
  const rotated = await locate('--rotate-key');
  assert.equal(rotated.code, 0, rotated.stderr);
  assert.match(rotated.stdout, /new key from now on/);
  const afterwards = await handleOf();
  assert.notEqual(afterwards, before);
  for (const handle of [before, afterwards]) assert.equal((await locate(handle)).stdout, `${file}:2\n`);
  assert.equal((await locate(before, '--rotate-key')).code, 2);
});
