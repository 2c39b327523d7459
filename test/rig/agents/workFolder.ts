import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'notes.txt': 'first line\nsecond line\nthird line\n',
  'data.txt': '1 2 3\n',
  'bad.c': 'int main( { return 0 }\n',
  'bad.py': 'def f(:\n  pass\n',
  'bad.json': '{"a": [1, 2,}\n',
  'build.log': 'error TS2322: no\nnpm ERR! network timeout\nKilled (out of memory)\nPermission denied\nexit code 1\n',
  'check_sums.py':
    'import unittest\nclass T(unittest.TestCase):\n  def test_sum(self):\n    self.assertEqual(1 + 1, 3)\n',
  'sums.test.mjs':
    "import { test } from 'node:test';\nimport assert from 'node:assert';\ntest('sum', () => assert.equal(1, 2));\n",
  Makefile: 'all:\n\ttrue\n',
  'folder/inside.txt': 'inside\n',
};

/** A folder with a repository and what the situations' commands look at. */
export function makeWorkFolder(path: string): void {
  mkdirSync(join(path, 'folder'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(path, name), text);
  const git = (...args: readonly string[]): void => {
    spawnSync('git', ['-c', 'user.name=n', '-c', 'user.email=n@localhost', ...args], { cwd: path });
  };
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'fix the error: timeout when connection refused');
}
