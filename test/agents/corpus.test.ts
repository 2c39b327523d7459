import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelledTexts, scoreOf } from './labelledTexts.ts';

/** Least shares of the failures that are found and that are found right, and how many harmless answers may be accused. */
const FLOORS = {
  seen: { count: 900, formats: 'one each', detected: 0.99, accepted: 0.97, flagged: 0 },
  recorded: { count: 350, formats: 'one each', detected: 0.99, accepted: 0.97, flagged: 0 },
  later: { count: 200, formats: 'one each', detected: 0.99, accepted: 0.96, flagged: 0 },
  unseen: { count: 80, formats: 'all', detected: 0.97, accepted: 0.92, flagged: 0 },
} as const;

for (const [name, floor] of Object.entries(FLOORS)) {
  test(`what tools answer is told right in its agent's words: the ${name} texts`, () => {
    const texts = labelledTexts(name);
    const score = scoreOf(texts, floor.formats);
    const misses = score.misses.join('\n');
    assert.ok(texts.length >= floor.count, `${texts.length} texts`);
    assert.ok(score.detected / score.failures >= floor.detected, `found ${score.detected} of ${score.failures}`);
    assert.ok(
      score.accepted / score.failures >= floor.accepted,
      `right ${score.accepted} of ${score.failures}:\n${misses}`,
    );
    assert.equal(score.benignFlagged, floor.flagged, misses);
  });
}
