import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../../src/core/report/report.ts';
import { buildReport } from '../../../src/core/report/reportBuild.ts';
import { reportMarkdown } from '../../../src/core/report/reportMarkdown.ts';
import { provenReport, reportSchema } from '../../../src/core/report/reportProof.ts';
import { skillEvolveLogs } from '../../../src/core/report/skillEvolve.ts';
import type { FailureSource } from '../../../src/core/session/failures.ts';
import { JOIN_RULES, OPEN_RULES } from '../../../src/core/words/ruleNames.ts';
import { reportInput } from './reportFixtures.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn } from '../privacy/secretCorpus.ts';

function built(input = reportInput()): Report {
  const proven = buildReport(input);
  if (!proven.ok) throw new Error(proven.message);
  return proven.report;
}

/** Every byte that could leave. */
function everyFormat(report: Report): string {
  return [
    reportMarkdown(report),
    JSON.stringify(report),
    JSON.stringify(skillEvolveLogs(report, ['a1b2c3'])),
    encodeURIComponent(reportMarkdown(report)),
  ].join('\n');
}

test('no canary in any text of any input reaches any report, in whatever encoding it is', () => {
  const random = randomFrom(2026);
  for (let run = 0; run < 1000; run += 1) {
    const canaries: string[] = [];
    const spell = (): string => {
      const canary = `zq${drawn(random, 'bcdfghjkmnpqrstvwxz', 10)}`;
      canaries.push(canary);
      const forms = [
        canary,
        JSON.stringify(canary),
        JSON.stringify(JSON.stringify({ [canary]: `/home/${canary}/x` })),
        encodeURIComponent(`/${canary}/ä`),
        Buffer.from(canary).toString('base64'),
        `1.2.3-${canary}`,
        `2026-01-01T00:00:00Z ${canary}`,
        `src:${canary}:L1`,
      ];
      return forms[Math.floor(random() * forms.length)] ?? canary;
    };
    const all = everyFormat(built(reportInput(spell)));
    assert.ok(canaries.length > 50);
    for (const canary of canaries) {
      for (const form of [canary, Buffer.from(canary).toString('base64').slice(0, 12), encodeURIComponent(canary)]) {
        assert.ok(!all.includes(form), `${form} in run ${run}`);
      }
    }
  }
});

test('the report says what a maintainer needs', () => {
  const markdown = reportMarkdown(built());
  for (const part of [
    "Killed by the kernel's OOM killer",
    'Environment suspect (likely): 3 of 4 failures are network failures. The model was not at fault.',
    'Peak memory: 859 MiB, whole tree 1.3 GiB',
    'Memory slope: +234 MiB a minute',
    '| rss_growth | critical | 15 s | 25 s | 3 |',
    '| other | warning |',
    '`src:0123456789ab:L42`',
    'Processes: 4 at most: 1 agent, 1 node, 1 git, 1 other',
    'Left behind: 1 package_manager',
    'System: linux 6.8.0 x64',
    'Agent: claude 2.1.5',
    'lines that could not be read (damaged)',
  ]) {
    assert.ok(markdown.includes(part), `${part}\n---\n${markdown}`);
  }
  assert.ok(markdown.length < 8000);
});

test('a report, which has no pids, speaks of a process instead of an unknown pid', () => {
  const markdown = reportMarkdown(built());
  assert.ok(markdown.includes('the kernel log names a process (agent) as killed for memory'), markdown);
  assert.ok(markdown.includes('earlyoom was running at that moment'), markdown);
  assert.ok(!/pid|\?|other was|of other/.test(markdown.split('#### Anomalies')[0] ?? ''), markdown);
});

test('one failure is told as one', () => {
  const { sessions, ...rest } = reportInput();
  const [session] = sessions;
  assert.ok(session?.failures);
  const failures = { ...session.failures, counts: { network: 1 } };
  const markdown = reportMarkdown(built({ ...rest, sessions: [{ ...session, failures }] }));
  assert.ok(markdown.includes('Environment suspect (likely): the only failure is of the kind network.'), markdown);
});

test('what the process proved of a transcript is told by the name of its rule', () => {
  const input = reportInput();
  const [session] = input.sessions;
  const rules = [...OPEN_RULES, ...JOIN_RULES];
  const sources = rules.map((rule, index): FailureSource => ({
    category: 'unknown',
    rule,
    confidence: 'possible',
    handle: 'src:0123456789ab:L1',
    line: index + 1,
    ts: null,
  }));
  assert.ok(session?.failures);
  const [told] = built({ ...input, sessions: [{ ...session, failures: { ...session.failures, sources } }] }).sessions;
  assert.deepEqual(
    told?.failures?.sources.map(({ rule }) => rule),
    rules,
  );
});

test('a selection of sessions is one report', () => {
  const input = reportInput();
  const markdown = reportMarkdown(built({ ...input, sessions: [...input.sessions, ...input.sessions] }));
  assert.ok(markdown.includes('### Session 1') && markdown.includes('### Session 2'));
});

test('a report that cannot be proven is refused, and the refusal repeats nothing of it', () => {
  const report = built();
  const session = report.sessions[0];
  assert.ok(session);
  // What a careless change of the code could do; the compiler does not allow it, hence the casts.
  const hostile: readonly unknown[] = [
    { ...report, extra: 'zqcanary' },
    { ...report, zqcanary: 1 },
    { ...report, created_at: 'zqcanary' },
    { ...report, environment: { ...report.environment, kernel_version: '6.8.0-zqcanary' } },
    { ...report, environment: { ...report.environment, cores: Number.NaN } },
    { ...report, sessions: [{ ...session, handle: 'src:zqcanary:L1' }] },
    { ...report, sessions: [{ ...session, tree: { ...session.tree, kinds: { zqcanary: 1 } } }] },
    { ...report, sessions: [{ ...session, verdict: { ...session.verdict, cause: 'zqcanary' } }] },
    { ...report, sessions: 'zqcanary' },
    { ...report, left_out: ['zqcanary'] },
  ];
  for (const candidate of hostile) {
    const proven = provenReport(candidate as Report);
    assert.equal(proven.ok, false);
    assert.ok(!JSON.stringify(proven).includes('zqcanary'));
    assert.match(proven.message, /was not made.*cannot be proven/);
  }
});

test('the published schema is the one that reports are proven by, and accepts them', () => {
  const path = join(import.meta.dirname, '../../../media/report.schema.json');
  const published: unknown = JSON.parse(readFileSync(path, 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(reportSchema())));
  const validate = new Ajv2020().compile(reportSchema());
  assert.ok(validate(built()), JSON.stringify(validate.errors));
  assert.equal(validate({ ...built(), extra: 1 }), false);
});

test('the SkillEvolve log has the required fields and its category from the list', () => {
  const [log] = skillEvolveLogs(built(), ['x9y8z7']);
  assert.ok(log);
  assert.match(log.session_id, /^sess-\d{4}-\d\d-\d\d-x9y8z7$/);
  assert.equal(log.agent_id, 'claude');
  assert.ok(!Number.isNaN(Date.parse(log.timestamp)));
  assert.ok(log.skill.name.length > 0 && log.task.description.length > 0);
  assert.equal(log.outcome.success, false);
  assert.equal(log.task.category, 'debugging');
  assert.ok(
    log.issues_encountered.every(({ type }) => ['error', 'warning', 'confusion', 'performance'].includes(type)),
  );
});

test("a reporter's note cannot break out of its fence", () => {
  const note = 'see\n````\n# not a heading\n<img src=x>';
  const markdown = reportMarkdown(built(), { note });
  assert.ok(markdown.includes(`\`\`\`\`\`text\n${note}\n\`\`\`\`\``));
});
