import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments.ts';
import { childContext } from '../../src/core/words/traceContext.ts';
import { RUN_FLAGS, runSettings } from '../../src/cli/runSettings.ts';
import { type Random, randomFrom } from '../core/randomFrom.ts';

/*
 * The native program, compiled with the address and undefined-behaviour sanitizers, is given words, bytes and a recorder
 * that nobody meant for it. SOAK is the number of random cases of each kind, and the seed is printed where one fails.
 */

const CASES = Number(process.env['SOAK'] ?? 40);
const SOURCES = resolve(import.meta.dirname, '../../src/native');
const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-sanitized-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** In a place like its own, so that the command line beside it is one of ours. */
function built(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  mkdirSync(join(folder, 'native/here'), { recursive: true });
  const program = join(folder, 'native/here/session-diagnostics');
  const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.c'));
  const checks = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer'];
  const flags = ['-std=gnu17', '-O1', '-g', ...checks, '-o', program];
  const { status } = spawnSync('gcc', [...flags, ...sources.map((name) => join(SOURCES, name))]);
  return status === 0 ? program : undefined;
}

const PROGRAM = built() ?? '';
const skip = PROGRAM === '' && 'there is no compiler with sanitizers here';
/** In Node's place: says so where a command line is asked, and as a recorder what is in the file, if there is one. */
const NODE = join(folder, 'node');
writeFileSync(NODE, `#!/bin/sh\ncase " $* " in *" --beside "*) cat "$SAID" >&3;; *) printf left; exit 77;; esac\n`, {
  mode: 0o755,
});
const SAID = join(folder, 'said');
writeFileSync(SAID, '');

afterEach(() => {
  const reports = readdirSync(folder).filter((name) => name.startsWith('report'));
  assert.deepEqual(
    reports.map((name) => readFileSync(join(folder, name), 'utf8')),
    [],
  );
});

interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
}

function ran(words: readonly string[], input: Uint8Array = new Uint8Array(), through = '"$0" "$@"'): Ran {
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: folder,
    SAID,
    ASAN_OPTIONS: `log_path=${folder}/report:detect_leaks=0`,
    UBSAN_OPTIONS: `log_path=${folder}/report:print_stacktrace=1`,
  };
  const found = spawnSync('sh', ['-c', through, PROGRAM, ...words], {
    input,
    env,
    timeout: 30_000,
    maxBuffer: 1 << 26,
  });
  return { status: found.status, signal: found.signal, stdout: found.stdout };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] ?? assert.fail('nothing to pick from');
}

function several<T>(random: Random, most: number, make: () => T): readonly T[] {
  return Array.from({ length: Math.floor(random() * (most + 1)) }, make);
}

const NUMBERS = [
  '0',
  '1',
  '0.1',
  '0.05',
  '.5',
  '5.',
  '1e3',
  '1e309',
  '-1',
  '+1',
  '0x10',
  '9'.repeat(13),
  '9'.repeat(400),
];
const TEXTS = ['', ' ', '-', '=', '%s%n', '..', 'a..b', 'a'.repeat(128), 'a'.repeat(129), 'ä', '\u{1f4a5}', '\n', '/'];
const WORDS = ['inherit', 'close', 'tell', 'freeze', 'end', 'sess-2026-01-02-aa', '8G', '512M', '4k'];
const ADDRESSES = [
  'http://127.0.0.1:4318',
  'https://h',
  'http://',
  'http://h:',
  'http://h:99999',
  'http://[::1]:1',
  'ftp://h',
];
const VALUES = [...NUMBERS, ...TEXTS, ...WORDS, ...ADDRESSES];
const FLAGS = [...Object.keys(RUN_FLAGS), 'no', 'i', 'idd'];

function flagWords(random: Random): readonly string[] {
  const flag = `--${pick(random, FLAGS)}`;
  const value = pick(random, VALUES);
  return pick(random, [[flag], [`${flag}=${value}`], [flag, value], [value]]);
}

function isRightForNode(words: readonly string[]): boolean {
  const terminal = { out: () => undefined, err: () => undefined };
  const args = parseArguments(words, RUN_FLAGS);
  const context = {
    args,
    cwd: folder,
    home: folder,
    env: {},
    command: [],
    opened: new Map(),
    programPath: '',
    terminal,
  };
  runSettings(context as unknown as Parameters<typeof runSettings>[0]); // it asks for no more than this
  return true;
}

test(
  'whatever stands between run and the command, the launcher runs it or leaves it to Node, as Node would',
  { skip },
  () => {
    let taken = 0;
    for (let seed = 1; seed <= CASES; seed++) {
      const random = randomFrom(seed);
      const flags = several(random, 3, () => flagWords(random)).flat();
      const { status, signal, stdout } = ran([
        'run',
        `--with-node=${NODE}`,
        '--unchecked',
        ...flags,
        '--',
        'sh',
        '-c',
        'printf ran; exit 7',
      ]);
      const told = `seed ${seed}: ${JSON.stringify(flags)} ${status} ${signal} ${String(stdout)}`;
      if (String(stdout) === 'left') {
        assert.equal(status, 77, told);
      } else {
        const isDetached = flags.includes('--detach');
        assert.deepEqual([status, signal], [isDetached ? 0 : 7, null], told);
        if (!isDetached) assert.equal(String(stdout), 'ran', told);
        assert.ok(isRightForNode(flags), told);
        taken += 1;
      }
    }
    assert.ok(taken > 0 && taken < CASES, `${taken} of ${CASES} were taken: neither all nor none`);
  },
);

/** No process has the one number, and ours did not start at the first tick: nobody is signalled. */
const NOBODY = [[`${2 ** 22}`, '1'], [`${process.pid}`, '1']]; // prettier-ignore
const IDENTITIES = [
  ...NOBODY.map((pair) => pair.join(':')),
  '--by-events',
  ':',
  '1:',
  ':1',
  '1:-1',
  `${process.pid}:${'9'.repeat(25)}`,
];
/** What our Node program tells the launcher, cut and torn. */
const INNER = [
  '--command-bytes=',
  '--command-bytes=6',
  '--command-bytes=zz00',
  '--environment-bytes=',
  '--environment-bytes=413d3100',
  '--limit-group=',
  '--limit-group=/nowhere',
  '--electron',
];

test(
  'words of the other entries that nobody meant for them are refused or answered, and break nothing',
  { skip },
  () => {
    for (let seed = 1; seed <= CASES; seed++) {
      const random = randomFrom(seed);
      const words = pick(random, [
        [
          'signal',
          pick(random, NUMBERS),
          ...several(random, 3, () => pick(random, NOBODY)).flat(),
          ...several(random, 1, () => pick(random, TEXTS)),
        ],
        ['exit-of', ...several(random, 4, () => pick(random, IDENTITIES))],
        ['hook', pick(random, ['after-command', 'session', '', 'x'.repeat(5000)])],
        ['run', `--with-node=${NODE}`, ...several(random, 3, () => pick(random, INNER)), '--', 'true'],
        several(random, 3, () => pick(random, VALUES)),
      ]);
      const input = Buffer.from(
        several(random, 3, () => pick(random, HOOK_TEXTS)).join(pick(random, ['', '\0', '\n'])),
      );
      const { signal, status } = ran(words, input);
      const told = `seed ${seed}: ${JSON.stringify(words)} ${status} ${signal}`;
      assert.ok(signal === null && status !== null && status < 128, told);
    }
  },
);

const HOOK_TEXTS = ['Exit code 137', '"PostToolUseFailure"', 'exit_code": 137', '{"', 'x'.repeat(1 << 20), '\u{1f4a5}'];

test('whatever a recorder says, the agent, its output and its status are as without one', { skip }, () => {
  const said = [
    'dir ',
    'dir 1:1 /',
    'dir 99999999999999999999:1 /tmp',
    'dir 1 /tmp',
    'off',
    'text ',
    'text \u001b[31m%s',
    'done',
    'print ',
    'print \u001b[31m%s%n',
    `print ${'x'.repeat(5000)}`,
    'code ',
    'code 9',
    'code -99999999999999999999',
    'dir 0:0 ',
    '\0',
    'x'.repeat(6000),
    'done\0off',
  ];
  for (let seed = 1; seed <= CASES / 4; seed++) {
    const random = randomFrom(seed);
    const lines = several(random, 6, () => pick(random, said));
    writeFileSync(SAID, lines.join(pick(random, ['\n', '\n\n', '\0\n', ''])) + pick(random, ['', '\n']));
    const flags = pick(random, [[], ['--redact-output'], ['--no-capture'], ['--quiet'], ['--ci', '--bundle=x']]);
    const through = pick(random, ['"$0" "$@"', '"$0" "$@" | cat']); // a socket, and a pipe
    const script = 'cat; exit 5';
    const input = Buffer.alloc(Math.floor(random() * 300_000), 'some line of output\n');
    const { stdout, status } = ran(['run', `--with-node=${NODE}`, ...flags, '--', 'sh', '-c', script], input, through);
    const told = `seed ${seed}: ${JSON.stringify(lines)} ${flags.join(' ')} ${through}`;
    assert.equal(status, through.endsWith('cat') ? 0 : 5, told);
    // The recorder that redacts reads nothing here, so that only what fits its pipe may go by before it ends.
    assert.ok(stdout.equals(input), `${told}: ${stdout.length} of ${input.length} bytes`);
  }
  writeFileSync(SAID, '');
});

test('readers and writers that come and go lose no byte and break nothing', { skip }, () => {
  for (let seed = 1; seed <= CASES / 4; seed++) {
    const random = randomFrom(seed);
    const sizes = several(random, 5, () => Math.floor(random() ** 3 * 400_000));
    const script = sizes.map((size) => `head -c ${size} /dev/zero`).join('; ') || 'true';
    const all = sizes.reduce((sum, size) => sum + size, 0);
    const some = Math.floor(random() * (all + 1));
    const stays = ran(['run', `--with-node=${NODE}`, '--', 'sh', '-c', script], undefined, '"$0" "$@" 2>&1 | cat');
    assert.equal(stays.stdout.length, all, `seed ${seed}: ${sizes.join(' ')}`);
    const goes = ran(
      ['run', `--with-node=${NODE}`, '--', 'sh', '-c', script],
      undefined,
      `"$0" "$@" | head -c ${some}`,
    );
    assert.equal(goes.stdout.length, some, `seed ${seed}: ${some} of ${sizes.join(' ')}`);
  }
});

test('a TRACEPARENT of any length and bytes is read within its bounds, as the command line reads it', { skip }, () => {
  const whole = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const cut = [0, 1, 2, 3, 35, 36, 52, 53, 54, 55].map((length) => whole.slice(0, length));
  const odd = [
    `${whole}-more`,
    `${whole}x`,
    `ff${whole.slice(2)}`,
    whole.toUpperCase(),
    whole.replaceAll(/[1-9a-f]/g, '0'),
  ];
  const through = 'TRACEPARENT="$1" exec "$0" run --otlp-endpoint=http://h -- printenv TRACEPARENT';
  for (const given of [...cut, ...odd, 'é'.repeat(60), 'a'.repeat(100_000)]) {
    const { stdout } = ran([given], undefined, through);
    const said = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\n$/.exec(stdout.toString()) ?? assert.fail(given);
    const { parent_span_id: parent, trace_id: trace, flags } = childContext(given, 'ab'.repeat(24));
    assert.equal(said[1] === trace, parent !== null, given);
    assert.equal(said[3], flags, given);
  }
});
