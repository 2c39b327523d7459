import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRedactor, type Redaction } from '../../src/core/privacy/redact.ts';
import { createStreamRedactor } from '../../src/core/privacy/streamRedactor.ts';
import { ordinaryLines } from '../core/privacy/ordinaryLines.ts';
import { randomFrom } from '../core/randomFrom.ts';
import { isReadable, secretCorpus, type CorpusItem } from '../core/privacy/secretCorpus.ts';
import type { BenchRow } from './run.ts';

const ROOT = join(import.meta.dirname, '../..');
const redactor = createRedactor({
  identity: {
    user: 'qwertyuser',
    home: '/home/qwertyuser',
    host: 'qwertyhost',
    workspace: '/home/qwertyuser/qwertyproject',
  },
  secrets: [],
});
const MODES: readonly (readonly [string, (text: string) => Redaction])[] = [
  ['everything', (text) => redactor.redact(text)],
  ['credentials only', (text) => redactor.credentialsOnly(text)],
];

/** Recall on generated secrets, lines touched without a secret, and speed. */
export async function bench(): Promise<readonly BenchRow[]> {
  const corpus = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((seed) => secretCorpus(randomFrom(seed)));
  const lines = [...sourceLines(), ...ordinaryLines(randomFrom(11), 20_000)];
  const rows = MODES.flatMap(([mode, redact]) => [
    recall(mode, redact, corpus),
    touched(mode, redact, lines),
    speed(mode, redact, lines),
  ]);
  const stream = createStreamRedactor({ secrets: [] });
  const encoder = new TextEncoder();
  return [...rows, speed('stream', (text) => stream.push(encoder.encode(text)), lines)];
}

function recall(mode: string, redact: (text: string) => Redaction, corpus: readonly CorpusItem[]): BenchRow {
  const missed = corpus.filter(({ text, secrets }) => {
    const shown = redact(text).text;
    return secrets.some((secret) => isReadable(shown, secret));
  });
  const value = 100 * (1 - missed.length / corpus.length);
  return {
    name: `recall, ${mode}`,
    value,
    unit: '%',
    bar: '>= 99',
    held: value >= 99,
    detail: `${missed.length} of ${corpus.length} secrets missed`,
  };
}

/** Paths and hosts are meant to go from a text for everybody; they do not count as a line touched by mistake. */
function touched(mode: string, redact: (text: string) => Redaction, lines: readonly string[]): BenchRow {
  const count = lines.filter((line) =>
    Object.keys(redact(line).removed).some((kind) => kind !== 'path' && kind !== 'host'),
  ).length;
  const value = (100 * count) / lines.length;
  return {
    name: `ordinary lines touched, ${mode}`,
    value,
    unit: '%',
    bar: '<= 1',
    held: value <= 1,
    detail: `${count} of ${lines.length} lines`,
  };
}

/** Source text and log lines, in pieces of about the size of a tool's output. */
function speed(mode: string, redact: (text: string) => unknown, lines: readonly string[]): BenchRow {
  const pieces: string[] = [];
  for (let i = 0; i < lines.length; i += 200) pieces.push(lines.slice(i, i + 200).join('\n'));
  const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  let best = 0;
  for (let round = 0; round < 4; round += 1) {
    const began = performance.now();
    for (const piece of pieces) redact(piece);
    best = Math.max(best, bytes / 1000 / (performance.now() - began));
  }
  return { name: `speed, ${mode}`, value: best, unit: 'MB/s', bar: '>= 10', held: best >= 10 };
}

function sourceLines(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => readFileSync(join(ROOT, 'src', name), 'utf8').split('\n'))
    .filter((line) => line.trim() !== '');
}

if (import.meta.main) console.table(await bench());
