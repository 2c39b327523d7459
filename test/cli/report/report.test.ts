import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCli, testRoot } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

const canaries: string[] = [];
function canary(): string {
  const word = `canary${Math.random().toString(36).slice(2, 10)}x${canaries.length}`;
  canaries.push(word);
  return word;
}

/** The forms in which a text hides in a log. */
function forms(word: string): string[] {
  const once = JSON.stringify(word).slice(1, -1);
  return [
    word,
    once,
    JSON.stringify(once).slice(1, -1),
    encodeURIComponent(word),
    Buffer.from(word).toString('base64'),
  ];
}

before(async () => {
  // Canaries in everything a session keeps: command, label, output, environment, and an agent's log on stdout.
  const secret = canary();
  const log = [
    {
      type: 'system',
      subtype: 'init',
      cwd: `/home/${canary()}/${canary()}`,
      session_id: canary(),
      tools: [canary()],
      model: canary(),
    },
    {
      type: 'assistant',
      message: {
        id: canary(),
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: canary() } }],
      },
    },
    {
      type: 'user',
      message: {
        content: [
          { type: 'tool_result', tool_use_id: 't1', is_error: true, content: `Exit code 1\n${canary()} failed` },
        ],
      },
    },
    { type: 'result', subtype: 'error_during_execution', is_error: true, session_id: canary(), errors: [canary()] },
  ];
  const file = join(root.path, '..', 'log.jsonl');
  writeFileSync(file, log.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const script = `cat ${file}; echo ${canary()} >&2; : ${canary()}; exit 1`;
  await runCli(
    [
      'run',
      '--log-dir',
      root.path,
      '--id',
      'private',
      '--interval',
      '0.1',
      '--label',
      canary(),
      '--',
      'sh',
      '-c',
      script,
    ],
    {
      env: { SOME_API_KEY: secret },
    },
  );
});

for (const format of ['markdown', 'json', 'skillevolve']) {
  test(`the ${format} report of a session full of private texts holds none of them`, async () => {
    const finished = await runCli(['report', 'private', '--format', format, '--log-dir', root.path]);
    assert.equal(finished.code, 0, finished.stderr);
    for (const word of canaries.flatMap(forms)) assert.ok(!finished.stdout.includes(word), word);
    assert.ok(!finished.stdout.includes(root.path));
    assert.match(finished.stdout, /exit_nonzero/);
  });
}

test('--out writes the same bytes as are printed, privately, and says that nothing was sent', async () => {
  const out = join(root.path, '..', 'report.md');
  const written = await runCli(['report', 'private', '--out', out, '--log-dir', root.path]);
  const printed = await runCli(['report', 'private', '--log-dir', root.path]);
  const withoutTime = (text: string): string => text.replace(/Made .* UTC/, '');
  assert.equal(withoutTime(readFileSync(out, 'utf8')), withoutTime(printed.stdout));
  assert.match(written.stderr, /Nothing was sent/);
});

test('a note passes the redactor, and detailed mode shows redacted lines only', async () => {
  const user = userInfo().username;
  const secret = `ghp_${Array.from({ length: 36 }, () => 'abcdefghijkmnpqrstuvwxyz23456789'[Math.floor(Math.random() * 32)]).join('')}`;
  const note = `see ${secret} in /home/${user}x/secret/place.txt`;
  const finished = await runCli(['report', 'private', '--detailed', '--note', note, '--log-dir', root.path]);
  assert.equal(finished.code, 0, finished.stderr);
  assert.ok(!finished.stdout.includes(secret));
  assert.ok(!finished.stdout.includes('/secret/place'));
  assert.match(finished.stdout, /failed/);
});

test('wrong formats, no session and unknown sessions are refused in one line', async () => {
  for (const [args, code] of [
    [['report', 'private', '--format', 'pdf'], 2],
    [['report'], 2],
    [['report', 'nobody'], 1],
    [['report', '../x'], 2],
  ] as const) {
    const finished = await runCli([...args, '--log-dir', root.path]);
    assert.equal(finished.code, code, args.join(' '));
    assert.equal(finished.stderr.trim().split('\n').length, 1);
    assert.equal(finished.stdout, '');
  }
});

test('a trace is begun, added to by shells at once, and ended; a skill that is a path is refused', async () => {
  const place = ['--root', join(root.path, '..')];
  const begun = await runCli(['trace', 'begin', '--skill', 'demo', ...place]);
  const id = begun.stdout.trim();
  assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  await Promise.all(
    Array.from({ length: 8 }, (_unused, n) =>
      runCli(['trace', 'event', id, 'tool_result', JSON.stringify({ tool: 'shell', ok: n % 2 === 0 }), ...place]),
    ),
  );
  const ended = await runCli(['trace', 'end', id, '--outcome', 'failure', '--json', ...place]);
  const { dir } = JSON.parse(ended.stdout) as { dir: string };
  const meta = JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([meta['outcome'], meta['errors']], ['failure', 4]);
  assert.equal(readFileSync(join(dir, 'trace.jsonl'), 'utf8').trim().split('\n').length, 10);
  assert.equal((await runCli(['trace', 'begin', '--skill', '../evil', ...place])).code, 1);
});

test('a secret that the end of an excerpt would cut in two is not shown in half', async () => {
  const key = `ghp_${randomBytes(18).toString('hex')}`;
  const lines = ['PRIVATE', 'KEY'].join(' ');
  const log = join(root.path, '..', 'cut.jsonl');
  const failed = (text: string, n: number) => ({
    type: 'item.completed',
    item: { id: `i${n}`, type: 'command_execution', aggregated_output: text, exit_code: 1, status: 'failed' },
  });
  const body = randomBytes(48).toString('base64');
  const texts = [`${'x '.repeat(190)}${key}`, `a\n-----BEGIN ${lines}-----\n${body}\n${body}\n-----END ${lines}-----`];
  writeFileSync(log, texts.map((text, n) => `${JSON.stringify(failed(text, n))}\n`).join(''));
  await runCli(['run', '--log-dir', root.path, '--id', 'cut', '--no-capture', '--', 'true']);
  assert.equal((await runCli(['link', 'cut', log, '--log-dir', root.path])).code, 0);
  const { stdout } = await runCli(['report', 'cut', '--detailed', '--log-dir', root.path]);
  assert.match(stdout, /x x x/);
  assert.match(stdout, /redacted:private_key/);
  for (const secret of [key.slice(0, 12), body.slice(0, 12)]) assert.ok(!stdout.includes(secret), stdout);
});
