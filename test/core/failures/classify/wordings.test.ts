import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, CUE_RULES } from '../../../../src/core/failures/classify/classify.ts';
import { patternOf } from '../../../../src/core/failures/classify/failureCue.ts';
import type { CueRule } from '../../../../src/core/failures/classify/failureRule.ts';
import { tellingLines } from '../../../../src/core/failures/classify/failureText.ts';
import { CUE_TEXTS } from './failureTexts.ts';
import { TEXTS_BY_CATEGORY } from './textsByCategory.ts';
import { WORDINGS } from './wordings.ts';

function linesIn(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

function ruleOf(exitCode: number, output: string): string {
  return classify({ origin: 'call', tool_kind: 'shell', exit_code: exitCode, output }).rule;
}

for (const [rule, text] of Object.entries(WORDINGS))
  test(`each line by itself is recognised as ${rule}`, () => {
    for (const line of linesIn(text)) assert.equal(ruleOf(1, line), rule, line);
  });

/** The wordings of a rule, each with all the others. */
function wordings({ texts }: CueRule): readonly { wording: string; alone: RegExp; others: RegExp }[] {
  return (['starts', 'anywhere'] as const).flatMap((place) =>
    (texts[place] ?? []).map((wording) => {
      const rest = { ...texts, [place]: texts[place]?.filter((other) => other !== wording) };
      const isLast = (rest.starts ?? []).length + (rest.anywhere ?? []).length === 0;
      return { wording, alone: patternOf([{ [place]: [wording] }]), others: isLast ? /(?!)/ : patternOf([rest]) };
    }),
  );
}

test('every wording is there for some line that no other wording of its rule knows', () => {
  const filed = Object.values(TEXTS_BY_CATEGORY).flat().map(([code, output]) => ({ output, rule: ruleOf(code, output) }));
  const told = Object.entries(CUE_TEXTS).flatMap(([rule, texts]) => texts.map(([, output]) => ({ output, rule })));
  for (const rule of CUE_RULES) {
    const texts = [...filed, ...told].filter((text) => text.rule === rule.name);
    const lines = [...texts.flatMap(({ output }) => tellingLines(output)), ...linesIn(WORDINGS[rule.name])];
    for (const { wording, alone, others } of wordings(rule))
      assert.ok(lines.some((line) => alone.test(line) && !others.test(line)), `${rule.name}: ${wording}`);
  }
}); // prettier-ignore
