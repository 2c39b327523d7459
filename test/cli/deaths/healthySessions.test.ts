import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, testRoot } from '../builtCli.ts';

/** `npm run test:soak` asks for 200. */
const SESSIONS = Number(process.env['SOAK'] ?? 16);

const root = testRoot();
after(() => root.remove());

/** The kinds of work an agent's session does when all is well. */
const HEALTHY: Readonly<Record<string, readonly string[]>> = {
  idle: ['sleep', '2.2'],
  'busy like a compiler': [
    'sh',
    '-c',
    'for i in 1 2 3 4 5 6; do python3 -c "x = [bytearray(1 << 20) for _ in range(60)]; s = sum(i * i for i in range(900000))"; done',
  ],
  'many short children': ['sh', '-c', 'i=0; while [ $i -lt 120 ]; do ls / >/dev/null; i=$((i+1)); done; sleep 1'],
  'a node start-up that grows and settles': [
    process.execPath,
    '-e',
    'const kept = []; for (let i = 0; i < 30; i++) kept.push(Buffer.alloc(4 << 20, 1)); setTimeout(() => process.exit(kept.length - 30), 1800)',
  ],
};

const ADJUSTMENTS = [0, 200, 300, 1000];

test(`${SESSIONS} healthy sessions raise no warning and no critical`, { timeout: 30 * 60_000 }, async () => {
  const kinds = Object.entries(HEALTHY);
  const started: { readonly id: string; readonly what: string }[] = [];
  for (let next = 0; next < SESSIONS; next += 4) {
    await Promise.all(
      Array.from({ length: Math.min(4, SESSIONS - next) }, async (_unused, offset) => {
        const number = next + offset;
        const [what, command] = kinds[(number + Math.floor(number / 4)) % kinds.length] ?? ['', []];
        const adjustment = ADJUSTMENTS[number % ADJUSTMENTS.length] ?? 0;
        const id = `healthy-${number}`;
        started.push({ id, what: `${what}, oom_score_adj ${adjustment}` });
        const adjusted = [
          'sh',
          '-c',
          `echo ${adjustment} > /proc/self/oom_score_adj 2>/dev/null; exec "$@"`,
          'sh',
          ...command,
        ];
        const finished = await runCli([
          'run',
          '--log-dir',
          root.path,
          '--id',
          id,
          '--interval',
          '0.5',
          '--',
          ...adjusted,
        ]);
        assert.equal(finished.code, 0, `${what}: ${finished.stderr}`);
      }),
    );
  }
  const alarms = started.flatMap(({ id, what }) => {
    if (!existsSync(join(root.path, 'sessions', id, 'anomalies.jsonl'))) return [];
    return root
      .lines('sessions', id, 'anomalies.jsonl')
      .filter((line) => line['severity'] !== 'info')
      .map((line) => `${what}: ${String(line['kind'])} ${JSON.stringify(line['detail'])}`);
  });
  assert.deepEqual(alarms, []);
});
