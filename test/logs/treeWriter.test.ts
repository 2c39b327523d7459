import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { jsonLine } from '../../src/core/words/json.ts';
import { isoFromMs } from '../../src/core/words/time.ts';
import { createTreeWriter } from '../../src/logs/treeWriter.ts';
import { scratchFolder } from './scratch.ts';

const CAP = 100_000;
const START_MS = Date.UTC(2026, 0, 1);
const HOUR_S = 3600;

interface Line {
  readonly seq: number;
  readonly ts: string;
  readonly processes: readonly unknown[];
}

function treeLine(seq: number, processes = 1): string {
  const members = Array.from({ length: processes }, (_, i) => ({ pid: i + 1, comm: '"seq":1,"ts":"x"}' }));
  return jsonLine({ ts: isoFromMs(START_MS + seq * 10_000), seq, output_bytes: 0, processes: members });
}

function linesOf(path: string): readonly Line[] {
  const text = readFileSync(path, 'utf8').trimEnd().split('\n');
  return text.map((line) => JSON.parse(line) as Line);
}

async function idle(path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  do await new Promise((done) => setTimeout(done, 2));
  while (readdirSync(join(path, '..')).some((file) => file.startsWith(`.${name}.`)));
}

test('a tree file is bounded: what is older than an hour is thinned evenly, the largest sample stays', async () => {
  const path = join(scratchFolder(), 'tree.jsonl');
  const writer = createTreeWriter(path, assert.fail, undefined, CAP);
  const count = 6000;
  for (let seq = 0; seq < count; seq += 1) {
    assert.ok(writer.append(treeLine(seq, seq === 777 ? 40 : 1)));
    if (seq % 50 === 0) await idle(path);
  }
  await idle(path);
  const lines = linesOf(path);
  const hourBytes = (HOUR_S / 10) * treeLine(1000).length;
  assert.ok(statSync(path).size < CAP * 1.3 + hourBytes, `${statSync(path).size} bytes`);
  const seqs = lines.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
  );
  const recent = Array.from({ length: HOUR_S / 10 }, (_, i) => count - HOUR_S / 10 + i);
  assert.deepEqual(seqs.slice(-recent.length), recent, 'the last hour is whole');
  assert.equal(lines.find(({ seq }) => seq === 777)?.processes.length, 40);
  const old = seqs.filter((seq) => seq < 4000);
  const widest = Math.max(...old.slice(1).map((seq, i) => seq - (old[i] ?? 0)));
  assert.ok(old.length > 100 && (old[0] ?? 99) < 64 && widest <= 64, `${old.length} kept, at most ${widest} apart`);
  writer.close();
});

test('the last hour is never thinned, however large it is', async () => {
  const path = join(scratchFolder(), 'tree.jsonl');
  const writer = createTreeWriter(path, assert.fail, undefined, 1000);
  for (let seq = 0; seq < 300; seq += 1) {
    writer.append(treeLine(seq, 10));
    if (seq % 20 === 0) await idle(path);
  }
  await idle(path);
  assert.equal(linesOf(path).length, 300);
  writer.close();
});

test('a session that ends in the middle of a thinning keeps its file, and nothing beside it', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'tree.jsonl');
  const writer = createTreeWriter(path, assert.fail, undefined, CAP);
  for (let seq = 0; seq < 2000; seq += 1) writer.append(treeLine(seq)); // no turn of the event loop to thin in
  writer.close();
  await idle(path);
  assert.equal(linesOf(path).length, 2000);
  assert.deepEqual(readdirSync(folder), ['tree.jsonl']);
});

test('damaged lines stay, and lines of another writer are understood', async () => {
  const path = join(scratchFolder(), 'tree.jsonl');
  const foreign = JSON.stringify({ ts: isoFromMs(START_MS), seq: 0, processes: [], later: 1 });
  writeFileSync(path, `${foreign}\nno json\n`);
  const writer = createTreeWriter(path, assert.fail, undefined, CAP);
  for (let seq = 1; seq < 2000; seq += 1) {
    writer.append(treeLine(seq));
    if (seq % 100 === 0) await idle(path);
  }
  await idle(path);
  writer.close();
  const text = readFileSync(path, 'utf8').split('\n');
  assert.ok(text.includes('no json'));
  assert.ok(text.length < 1500);
});

const WRITER = `
  const { createTreeWriter } = await import(process.argv[1]);
  const writer = createTreeWriter(process.argv[2], () => process.exit(9), undefined, 60_000);
  const processes = [{ pid: 1, comm: 'a'.repeat(40) }];
  for (let seq = 0; ; seq += 1) {
    const ts = new Date(Date.UTC(2026, 0, 1) + seq * 60_000).toISOString();
    writer.append(JSON.stringify({ processes, seq, ts }));
    if (seq % 64 === 0) { process.stdout.write(seq + '\\n'); await new Promise((done) => setImmediate(done)); }
  }
`;

test('killed at any moment, the writer leaves whole lines in order, the last hour among them', async () => {
  const file = resolve(import.meta.dirname, '../../src/logs/treeWriter.ts');
  await Promise.all(
    Array.from({ length: 5 }, async (_, round) => {
      const path = join(scratchFolder(), 'tree.jsonl');
      const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, file, path]);
      let said = '';
      const isFar = new Promise<void>((far) => {
        child.stdout.on('data', (text: Buffer) => {
          said = (said + text.toString()).slice(-200);
          const told = Number(said.trimEnd().split('\n').at(-1));
          // On a busy machine the first thinning may take longer than that.
          if (told > 1500 + round * 777 && readFileSync(path, 'utf8').split('\n').length < told) far();
        });
      });
      await isFar;
      child.kill('SIGKILL');
      await new Promise((done) => child.once('close', done));
      const told = Number(said.trimEnd().split('\n').at(-1));
      const text = readFileSync(path, 'utf8');
      const seqs = text
        .slice(0, text.lastIndexOf('\n'))
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).seq);
      assert.deepEqual(
        seqs,
        seqs.toSorted((a, b) => a - b),
      );
      assert.ok(seqs.length < told, 'it was thinned');
      const last = seqs.at(-1) ?? 0;
      assert.ok(last >= told);
      assert.deepEqual(
        seqs.slice(-60),
        Array.from({ length: 60 }, (_, i) => last - 59 + i),
      );
      assert.ok(existsSync(path));
    }),
  );
});
