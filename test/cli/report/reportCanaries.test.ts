import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createTranscriptAnalyzer } from '../../../src/agents/transcriptReader.ts';
import { randomFrom, type Random } from '../../core/randomFrom.ts';
import { layersOf, secretCorpus } from '../../core/privacy/secretCorpus.ts';
import { runCli, testRoot } from '../builtCli.ts';
import { canaries, canaryIn, writeCanarySession, type Canaries } from './canaryRoot.ts';

const root = testRoot();
after(() => root.remove());

/** Sessions in one report: starting the program is what costs. */
const BATCH = 200;
const VARIATIONS = 1000;
/** A machine that is called `linux` or `agent` is not told by a report that says so. */
const IS_TELLING = /[\d-].*.{4}/;

interface Person {
  /** What identifies them, in their own texts too. */
  readonly names: readonly string[];
  readonly home: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Somebody whose every name and setting is a canary. */
function person(given: Canaries): Person {
  const names: string[] = [];
  /** A canary that says nothing about who this is. */
  const unnamed = (): string => {
    given.spell('');
    return given.words.at(-1) ?? '';
  };
  const word = (): string => {
    const name = unnamed();
    names.push(name);
    return name;
  };
  const home = join(root.path, '..', word());
  const cwd = join(home, word());
  mkdirSync(join(cwd, '.autoskillit'), { recursive: true });
  writeFileSync(join(cwd, '.autoskillit/config.yaml'), `linux_tracing:\n  log_dir: /srv/${unnamed()}\n`);
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd, env: { ...process.env, HOME: home } });
  git('init', '-q');
  git('config', 'user.name', `${word()} ${word()}`);
  git('config', 'user.email', `${word()}@${word()}.example`);
  git('remote', 'add', 'origin', `git@${word()}.example:${word()}/${word()}.git`);
  return {
    names,
    home,
    cwd,
    env: { HOME: home, USER: word(), HOSTNAME: word(), DEPLOY_TOKEN: word(), [`${unnamed()}_KEY`]: word() },
  };
}

function idsOf(batch: number): string[] {
  return Array.from({ length: BATCH }, (_, n) => `s${batch}-${n}`);
}

async function reported(ids: readonly string[], { cwd, env }: Person, ...more: string[]): Promise<string> {
  const finished = await runCli(['report', ...ids, '--log-dir', root.path, ...more], { cwd, env });
  assert.equal(finished.code, 0, finished.stderr.slice(0, 500));
  return finished.stdout;
}

test(
  `no text of any file, in whatever encoding, reaches a report: ${VARIATIONS} variations`,
  { timeout: 300_000 },
  async () => {
    const random: Random = randomFrom(20_261_121);
    let count = 0;
    for (let batch = 0; batch < VARIATIONS / BATCH; batch += 1) {
      const given = canaries(random);
      const somebody = person(given);
      const ids = idsOf(batch);
      for (const id of ids) writeCanarySession(root.path, id, { given, random });
      count += given.words.length;
      const shown = await runCli(['show', ids[0] ?? '', '--json', '--log-dir', root.path]);
      assert.notEqual(canaryIn(shown.stdout), undefined, 'what is looked for is there');
      for (const format of ['markdown', 'json', 'skillevolve']) {
        const text = await reported(ids, somebody, '--format', format, '--editor-version', given.spell('1.100.0'));
        assert.ok(text.length > BATCH * 200, format);
        // The address that an editor opens is the report once more, encoded.
        for (const leaving of [text, encodeURIComponent(text)]) {
          assert.equal(canaryIn(leaving), undefined, format);
          assert.ok(![root.path, encodeURIComponent(root.path)].some((path) => leaving.includes(path)));
          assert.ok(!IS_TELLING.test(hostname()) || !leaving.includes(hostname()));
        }
      }
    }
    assert.ok(count > 100 * VARIATIONS, `${count} canaries`);
  },
);

test(
  `in detailed mode no secret and no name comes through: ${VARIATIONS} variations`,
  { timeout: 300_000 },
  async () => {
    const random = randomFrom(7);
    const corpus = secretCorpus(random);
    for (let batch = 0; batch < VARIATIONS / BATCH; batch += 1) {
      const somebody = person(canaries(random));
      const ids = idsOf(batch).map((id) => `d${id}`);
      const items = ids.map(() => corpus[Math.floor(random() * corpus.length)] ?? assert.fail());
      for (const [n, { text }] of items.entries()) {
        const name = somebody.names[n % somebody.names.length] ?? '';
        const encode = ENCODERS[n % ENCODERS.length] ?? String;
        const said = encode(`cannot open ${somebody.cwd}/x.ts for ${name}`);
        writeErrorSession(root.path, ids[n] ?? '', n % 2 === 0 ? `${text}\n${said}` : `${said}\n${text}`);
      }
      const text = await reported(ids, somebody, '--detailed', '--note', `asks ${somebody.names.join(', ')}`);
      assert.equal(text.match(/^`src:/gm)?.length, BATCH, 'each session shows its error');
      assert.equal(canaryIn(text), undefined);
      const layers = layersOf(text);
      for (const { kind, encoding, secrets } of items) {
        const isLeft = secrets.some((secret) => layers.some((layer) => layer.includes(secret)));
        assert.ok(!isLeft, `${kind} in ${encoding}`);
      }
    }
  },
);

const ENCODERS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify({ error: text }),
  (text) => JSON.stringify({ a: JSON.stringify({ error: text }) }),
  encodeURIComponent,
  (text) => Buffer.from(text).toString('base64'),
];

/** A session whose agent's log has one failing call that says this. */
function writeErrorSession(logRoot: string, id: string, said: string): void {
  const dir = join(logRoot, 'sessions', id);
  const transcript = join(dir, 'stdout.log');
  mkdirSync(dir, { recursive: true });
  const record = {
    type: 'item.completed',
    item: { id: 'i', type: 'command_execution', aggregated_output: said, exit_code: 1, status: 'failed' },
  };
  writeFileSync(transcript, `${JSON.stringify(record)}\n`);
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:0123456789ab:L${line}` });
  analyzer.push(JSON.stringify(record));
  analyzer.finish();
  const summary = {
    session_id: id,
    success: false,
    subtype: 'error_during_execution',
    exit_code: 1,
    transcript,
    failures: analyzer.snapshotOf(),
  };
  writeFileSync(join(dir, 'summary.json'), JSON.stringify(summary));
}
