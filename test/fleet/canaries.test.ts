import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleStore } from '../../src/core/panel/sampleStore.ts';
import { buildReport } from '../../src/core/report/reportBuild.ts';
import { sessionRows } from '../../src/fleet/sessionRows.ts';
import { parquetFiles } from '../../src/fleet/parquetFiles.ts';
import { otlpRequests } from '../../src/telemetry/otlp/otlpRequests.ts';
import { otlpSession } from '../../src/telemetry/otlp/otlpSession.ts';
import { askedAttributes } from '../../src/cli/fleet/ciAttributes.ts';
import { reportInput } from '../core/report/reportFixtures.ts';

const VARIATIONS = Number(process.env['CANARY_VARIATIONS'] ?? 250);
/** How a private word may stand in what a file says. */
const FORMS: readonly ((text: string, canary: string) => string)[] = [
  (_text, canary) => canary,
  (text, canary) => `${text}${canary}`,
  (text, canary) => `${canary}${text}`,
  (text, canary) => `/home/${canary}/${text}`,
  (text, canary) => `${text}\n${canary}`,
  (text, canary) => `${text}\u0000${canary}`,
  (text, canary) => `${text.slice(0, text.length / 2)}${canary}${text.slice(text.length / 2)}`,
];

test(`no private byte is in what is sent or written as a table, in ${VARIATIONS} variations`, async () => {
  let sent = 0;
  for (let n = 0; n < VARIATIONS; n += 1) {
    const canary = `canary${(n * 7919 + 1e6).toString(36)}x${n}`;
    const form = FORMS[n % FORMS.length] ?? FORMS[0];
    let said = 0;
    // Each string of its own, one after the other, and every seventh time all of them.
    const spell = (text: string): string => {
      said += 1;
      return form !== undefined && (n % 7 === 0 || said % 97 === n % 97) ? form(text, canary) : text;
    };
    const input = reportInput(spell);
    const [session] = input.sessions;
    const built = buildReport(input);
    if (!built.ok || session === undefined) continue; // refused: nothing leaves at all
    const samples = new SampleStore();
    for (const snapshot of session.series.spread(100)) samples.append(snapshot);
    const made = otlpSession({
      report: built.report,
      samples,
      cores: 1,
      turns: [],
      trace: undefined,
      machine: 'src:0123456789ab:L1',
      recorder: 'src:0123456789ab:L1',
      asked: askedAttributes({ GITHUB_ACTIONS: 'true', GITHUB_WORKFLOW: canary }, { label: canary }),
    });
    if (made === undefined) continue;
    sent += 1;
    const tables = parquetFiles(sessionRows(made)).map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
    const all = [...(await otlpRequests(made)).map(({ body }) => body), ...tables].join('\n');
    assert.ok(!all.includes(canary), `variation ${n}`);
  }
  assert.ok(sent > VARIATIONS / 2, `${sent} of them were sent at all`);
});

test('names that the user asks for are sent, and only those, without credentials', () => {
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKFLOW: 'nightly\u001b[2J',
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_REPOSITORY_OWNER: 'owner',
    RUNNER_NAME: 'x'.repeat(500),
    GITHUB_TOKEN: 'a-token-of-somebody-0123456789',
    GITHUB_REF_NAME: 'a-token-of-somebody-0123456789',
  };
  const summary = { label: 'eval-7' };
  assert.deepEqual(askedAttributes(env, summary), {});
  assert.deepEqual(askedAttributes({ ...env, SESSION_DIAGNOSTICS_OTLP_WITH: 'label' }, summary), {
    'session_diagnostics.label': 'eval-7',
  });
  const asked = askedAttributes({ ...env, SESSION_DIAGNOSTICS_OTLP_WITH: 'ci' }, summary);
  assert.deepEqual(
    [asked['cicd.pipeline.name'], asked['vcs.repository.name'], asked['vcs.owner.name'], asked['vcs.provider.name']],
    ['nightly[2J', 'name', 'owner', 'github'],
  );
  assert.equal(String(asked['cicd.worker.name']).length, 200);
  assert.ok(!JSON.stringify(asked).includes('a-token-of-somebody'));
  assert.deepEqual(askedAttributes({ SESSION_DIAGNOSTICS_OTLP_WITH: 'ci,label' }, undefined), {});
});
