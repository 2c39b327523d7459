import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { createRedactor } from '../../../src/core/privacy/redact.ts';
import { randomFrom } from '../randomFrom.ts';
import { secretCorpus } from './secretCorpus.ts';

const redactor = createRedactor({ identity: {}, secrets: [] });

/** How many secrets secretlint's recommended rules find. Its messages hold the secrets unless they are masked. */
async function secretsFound(content: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { filePath: 'corpus.txt', content, ext: '.txt', contentType: 'text' },
    options: {
      maskSecrets: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
    },
  });
  return messages.map(({ ruleId, message }) => `${ruleId} ${message}`);
}

test('secretlint finds many secrets in the corpus and none in what the redactor made of it', async () => {
  const texts = secretCorpus(randomFrom(3))
    .filter(({ encoding }) => encoding === 'plain')
    .map(({ text }) => text);
  const before = await secretsFound(texts.join('\n\n'));
  assert.ok(before.length > 100, String(before.length));
  const after = await secretsFound(texts.map((text) => redactor.credentialsOnly(text).text).join('\n\n'));
  assert.deepEqual(after, []);
});
