import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWorkspaceConfig } from '../../src/logs/workspaceConfig.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder();
mkdirSync(join(folder, '.autoskillit'));

function read(yaml: string): ReturnType<typeof readWorkspaceConfig> {
  writeFileSync(join(folder, '.autoskillit', 'config.yaml'), yaml);
  return readWorkspaceConfig(folder, '/home/somebody');
}

test('the three keys are read; ~ is the home, and a relative folder is the workspace’s', () => {
  assert.deepEqual(read('linux_tracing: {enabled: false, proc_interval: 2.5, log_dir: ~/x}'), {
    enabled: false,
    procIntervalSeconds: 2.5,
    logDir: '/home/somebody/x',
  });
  assert.equal(read('linux_tracing:\n  log_dir: .logs')?.logDir, join(folder, '.logs'));
  assert.equal(read('linux_tracing:\n  log_dir: /abs')?.logDir, '/abs');
});

test('wrong types, broken YAML, bombs and a missing file give nothing and never throw', () => {
  const nothing = { enabled: undefined, procIntervalSeconds: undefined, logDir: undefined };
  assert.deepEqual(read('linux_tracing: {enabled: 3, proc_interval: -1, log_dir: [x]}'), nothing);
  const bomb = Array.from({ length: 9 }, (_unused, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`).join('\n');
  for (const yaml of ['', '[', 'linux_tracing: 3', '- x', '\0', `a0: &a0 [x]\n${bomb}`]) {
    assert.equal(read(yaml), undefined, yaml.slice(0, 20));
  }
  assert.equal(readWorkspaceConfig(join(folder, 'nowhere'), '/'), undefined);
});
