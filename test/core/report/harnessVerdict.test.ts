import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { harnessVerdict, harnessVerdictSchema, HARNESS_TABLE } from '../../../src/core/report/harnessVerdict.ts';
import type { Failures } from '../../../src/core/session/failures.ts';
import type { Verdict } from '../../../src/core/session/verdict.ts';
import { CAUSES, CONFIDENCES, LAYERS, OUTCOMES, type Layer } from '../../../src/core/words/vocabulary.ts';

const validate = new Ajv2020().compile(harnessVerdictSchema());

const verdictOf = (told: Partial<Verdict>): Verdict => ({
  outcome: 'died',
  cause: 'unknown',
  layer: 'unknown',
  confidence: 'certain',
  evidence: [{ kind: 'exit_status' }, { kind: 'exit_status' }],
  ...told,
});

function failuresOf(layer: Layer): Failures {
  const source = { rule: 'dns', confidence: 'likely', ts: null } as const;
  return {
    format: 'other',
    total_lines: 9,
    malformed_lines: 0,
    counts: { network: 1, model: 1 },
    unclosed_turns: { at_end: 0, in_middle: 0 },
    unclosed_calls: 0,
    first_ts: null,
    last_ts: null,
    sources: [
      { ...source, category: 'network', handle: 'src:0123456789ab:L3', line: 3 },
      { ...source, category: 'model', handle: 'src:0123456789ab:L7', line: 7 },
      { ...source, category: 'model', handle: '/home/somebody/secret', line: 8 },
    ],
    suspect: { layer, confidence: 'likely', because: [layer === 'model' ? 'model' : 'network'], sentence: '' },
  };
}

test('each cause under each outcome and layer is told in the words of the published schema', () => {
  const published: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../media/verdict.schema.json'), 'utf8'),
  );
  assert.deepEqual(published, JSON.parse(JSON.stringify(harnessVerdictSchema())), 'media/verdict.schema.json is old');
  for (const cause of CAUSES)
    for (const outcome of OUTCOMES)
      for (const layer of LAYERS)
        for (const failures of [undefined, failuresOf('environment'), failuresOf('model'), failuresOf('unknown')]) {
          const told = harnessVerdict(
            'sess-a',
            verdictOf({ cause, outcome, layer, confidence: CONFIDENCES[0] }),
            failures,
          );
          assert.ok(validate(told), `${cause} ${JSON.stringify(validate.errors)}`);
          assert.deepEqual(told.evidence, ['exit_status']);
          assert.doesNotMatch(JSON.stringify(told), /secret/);
          if (outcome === 'running' || outcome === 'succeeded')
            assert.deepEqual([told.blame, told.retry], ['none', 'none'], `${outcome} ${cause}`);
        }
  for (const { because } of Object.values(HARNESS_TABLE)) assert.ok(because.length > 10, because);
});

const CASES: readonly (readonly [told: Partial<Verdict>, failing: Layer | undefined, blame: string, retry: string])[] =
  [
    [{ outcome: 'failed', cause: 'exit_nonzero' }, undefined, 'unknown', 'unknown'],
    [{ outcome: 'failed', cause: 'exit_nonzero' }, 'environment', 'environment', 'unknown'],
    [{ outcome: 'failed', cause: 'exit_nonzero' }, 'model', 'model', 'unknown'],
    [{ cause: 'oom_kill', layer: 'environment' }, 'model', 'environment', 'unsafe'],
    [{ cause: 'heap_limit' }, 'environment', 'harness', 'unsafe'],
    [{ cause: 'timed_out', layer: 'lifecycle' }, 'model', 'harness', 'unsafe'],
    [{ cause: 'killed', layer: 'user' }, undefined, 'user', 'unsafe'],
    [{ outcome: 'stopped', cause: 'stopped' }, 'environment', 'user', 'none'],
    [{ outcome: 'failed', cause: 'launch_failed' }, undefined, 'environment', 'safe'],
    [{ outcome: 'incomplete', cause: 'limit_reached', layer: 'model' }, undefined, 'model', 'unsafe'],
    [{ outcome: 'incomplete', cause: 'did_nothing' }, undefined, 'unknown', 'safe'],
    [{ outcome: 'lost', cause: 'lost' }, undefined, 'unknown', 'unknown'],
  ];

for (const [told, failing, blame, retry] of CASES) {
  test(`${told.cause} ${told.layer ?? ''}, with failures of ${failing ?? 'none'}: blame ${blame}, retry ${retry}`, () => {
    const found = harnessVerdict('sess-a', verdictOf(told), failing === undefined ? undefined : failuresOf(failing));
    assert.deepEqual([found.blame, found.retry], [blame, retry]);
  });
}

test('its handle is the last line that speaks for the blame, and never anything else than a handle', () => {
  const of = (layer: Layer): string | null =>
    harnessVerdict('sess-a', verdictOf({ outcome: 'failed', cause: 'exit_nonzero' }), failuresOf(layer)).handle;
  assert.equal(of('environment'), 'src:0123456789ab:L3');
  assert.equal(of('model'), 'src:0123456789ab:L7');
});
