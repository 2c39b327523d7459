import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { followFraming } from '../../src/server/framing.ts';
import { LanguageClient } from './language/languageClient.ts';

const BROKEN: Readonly<Record<string, string>> = {
  'a length that is no number': 'Content-Length: many\r\n\r\n{}',
  'a negative length': 'Content-Length: -5\r\n\r\n{}',
  NaN: 'Content-Length: NaN\r\n\r\n{}',
  'a huge length': 'Content-Length: 99999999999999\r\n\r\n{}',
  'a length of a gigabyte': 'Content-Length: 999999999\r\n\r\n{}',
  'a blank before the colon': 'Content-Length : 2\r\n\r\n{}',
  'a line that is no header': 'oops\r\nContent-Length: 2\r\n\r\n{}',
  'no length': 'Content-Type: text/plain\r\n\r\n{}',
  'a length that is too short': 'Content-Length: 2\r\n\r\n{"a":1}Content-Length: 2\r\n\r\n{}',
  garbage: 'x'.repeat(10_000),
};

for (const [what, bytes] of Object.entries(BROKEN)) {
  test(`a language server that reads ${what} ends with a word, so that its editor starts it again`, async () => {
    const client = await LanguageClient.start();
    try {
      const exited = once(client.process, 'exit');
      client.process.stdin.write(bytes);
      assert.deepEqual(await exited, [1, null]);
      assert.match(client.stderr.join(''), /It ends, so that its editor starts it again\.\n$/);
    } finally {
      client.process.kill('SIGKILL');
    }
  });
}

test('a message that is no JSON within a sound frame costs only itself', { timeout: 20_000 }, async () => {
  const client = await LanguageClient.start();
  try {
    client.process.stdin.write('Content-Length: 7\r\n\r\n{"a":1]');
    client.process.stdin.write(
      'content-length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}',
    );
    // It still answers.
    await client.connection.sendRequest('shutdown');
  } finally {
    client.process.kill('SIGKILL');
  }
});

test('a sound stream is sound at every size of pieces, and a broken one is told once', () => {
  const sound = Buffer.from('Content-Length: 5\r\n\r\nhelloContent-Length: 0\r\n\r\nContent-Length: 3\r\n\r\n\r\n\r');
  for (let size = 1; size <= sound.length; size += 1) {
    const told: string[] = [];
    const follow = followFraming((why) => told.push(why));
    for (let i = 0; i < sound.length; i += size) follow(sound.subarray(i, i + size));
    assert.deepEqual(told, [], String(size));
    for (let i = 0; i < 3; i += 1) follow(Buffer.from('Content-Length: x\r\n\r\n'));
    assert.equal(told.length, 1);
  }
});
