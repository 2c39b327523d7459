import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandKindOf } from '../../../src/core/failures/commandKind.ts';

test('the command that decides the exit code is the last of the line and of its pipeline', () => {
  const kinds: [string, string][] = [
    ['rg -n "foo|bar" src', 'search'],
    ['cd /srv && git grep foo', 'search'],
    ['git -C /srv grep foo', 'search'],
    ['rg foo | head -3', 'other'],
    ['cat log | grep -i error', 'search'],
    ["grep 'a; make' log", 'search'],
    ['FOO=1 sudo grep x y;', 'search'],
    ['diff -u a b', 'compare'],
    ['git diff --exit-code', 'compare'],
    ['[ -f x ]', 'probe'],
    ['make && test -x build/a', 'probe'],
    ['git --no-pager -c core.pager=cat grep foo', 'search'],
    ['git --no-pager diff --quiet', 'compare'],
    ['command -v node', 'lookup'],
    ['which rg fd', 'lookup'],
    ["find . -name '*.ts' | xargs -0 -n 1 grep foo", 'search'],
    ['jq -e .a x.json', 'probe'],
    ['jq . x.json', 'other'],
    ['git config --get user.name', 'probe'],
    ['kill -0 4242', 'probe'],
    ['kill 4242', 'other'],
    ['timeout -k 5 30 curl -s localhost:3000', 'curl'],
    ['wget -q https://example.test/a', 'wget'],
    ['grep.py x', 'other'],
    ['grep foo log; make', 'other'],
    ['rgb --help', 'other'],
    ['testing', 'other'],
    ['', 'other'],
  ];
  for (const [command, kind] of kinds) assert.equal(commandKindOf(command), kind, command);
});
