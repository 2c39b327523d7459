import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandText } from '../../../src/core/words/commandText.ts';
import { createRedactor } from '../../../src/core/privacy/redact.ts';
import { ORDINARY_COMMANDS } from './ordinaryCommands.ts';
import { randomFrom } from '../randomFrom.ts';
import { SECRET_COMMANDS, SECRET_SCRIPTS } from './secretCommands.ts';
import { drawn } from './secretCorpus.ts';

const redactor = createRedactor({ identity: {}, secrets: [] });
/** None of them stands in a template. */
const WORDS = 'sunshine dragon monkey princess football letmein shadow butterfly cheese banana pumpkin tigger'.split(
  ' ',
);

/** How a command line reaches the redactor: as it is typed, and as a word of a shell's, an ssh's or another's command. */
const FORMS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => commandText(['bash', '-c', line]),
  (line) => commandText(['ssh', 'host', `cd /srv && ${line}`]),
  (line) => JSON.stringify({ command: line }),
];

test('secrets are taken out of command lines by their place, be they words of a dictionary or four letters', () => {
  const random = randomFrom(31);
  const missed: string[] = [];
  for (const template of [...SECRET_COMMANDS, ...SECRET_SCRIPTS]) {
    for (const form of FORMS) {
      for (const secret of [
        WORDS[Math.floor(random() * WORDS.length)] ?? '',
        drawn(random, 'qxzjvk', 4),
        `${drawn(random, 'QXZJVK', 4)}-7`,
      ]) {
        const line = form(template.replaceAll('§', secret));
        const { text, removed } = redactor.credentialsOnly(line);
        if (text.includes(secret) || Object.keys(removed).length === 0) missed.push(`${line}\n  ${text}`);
      }
    }
  }
  assert.ok(SECRET_COMMANDS.length > 200, String(SECRET_COMMANDS.length));
  assert.deepEqual(missed, []);
});

test('what is no secret of such a line stays: the program, its other flags, the words around', () => {
  for (const [line, shown] of [
    ['mysql -uroot -p§ -P 3306 shop', 'mysql -uroot -p[redacted:secret_flag] -P 3306 shop'],
    ['curl -u bob:§ -o a https://x.example', 'curl -u bob:[redacted:secret_flag] -o a https://x.example'],
    ['echo § | sudo -S make install', 'echo [redacted:secret_input] | sudo -S make install'],
    [
      'helm install --set a.password=§ --set b=1',
      'helm install --set a.password=[redacted:secret_assignment] --set b=1',
    ],
    [
      "bash -c 'sshpass -p '\\''§'\\'' ssh -p 22 a'",
      "bash -c 'sshpass -p '\\''[redacted:secret_flag]'\\'' ssh -p 22 a'",
    ],
    ['my password is §. Fix it.', 'my password is [redacted:secret_assignment]. Fix it.'],
  ] as const) {
    assert.equal(redactor.credentialsOnly(line.replaceAll('§', 'sunshine')).text, shown);
  }
});

test('ordinary command lines stay byte for byte, typed and as words of another command', () => {
  const changed: string[] = [];
  for (const line of ORDINARY_COMMANDS) {
    for (const form of FORMS) {
      const { text } = redactor.credentialsOnly(form(line));
      if (text !== form(line)) changed.push(`${form(line)}\n  ${text}`);
    }
  }
  assert.ok(ORDINARY_COMMANDS.length >= 500, String(ORDINARY_COMMANDS.length));
  assert.equal(new Set(ORDINARY_COMMANDS).size, ORDINARY_COMMANDS.length);
  assert.deepEqual(changed, []);
});
