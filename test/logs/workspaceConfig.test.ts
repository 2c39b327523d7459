import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWorkspaceConfig } from '../../src/logs/workspaceConfig.ts';
import { scratchFolder } from './scratch.ts';

const home = scratchFolder();
const folder = join(home, 'work', 'project');
const file = join(folder, '.autoskillit', 'config.yaml');
mkdirSync(join(folder, '.autoskillit'), { recursive: true });

function read(yaml: string): ReturnType<typeof readWorkspaceConfig> {
  writeFileSync(file, yaml);
  return readWorkspaceConfig(folder, home);
}

test('the three keys are read, however they are written; ~ is the home, and a relative folder is the workspace’s', () => {
  const expected = { enabled: false, procIntervalSeconds: 2.5, logDir: join(home, 'x') };
  for (const yaml of [
    'linux_tracing: {enabled: false, proc_interval: 2.5, log_dir: ~/x}',
    '# c\nother:\n  enabled: true\nlinux_tracing:   # c\n\n  enabled: False # c\n  proc_interval: 2.5\n  log_dir: "~/x"\nmore: 1\n',
    '"linux_tracing":\r\n    log_dir: \'~/x\'\r\n    tmpfs: [a]\r\n    nested:\r\n        enabled: true\r\n    proc_interval: 25e-1\r\n    enabled: false\r\n',
    'linux_tracing:\n  enabled: false\n  proc_interval: 2.5\n  log_dir: ../../x',
  ]) {
    assert.deepEqual(read(yaml), expected, yaml);
  }
});

test('a log_dir counts in the home folder alone, and not in the workspace that it came with', () => {
  mkdirSync(join(home, 'work', '.git'));
  symlinkSync('/etc', join(home, 'way-out'));
  for (const path of ['.logs', '.', '..', '../other', '/etc', '/', '~/way-out/x', '~/../x', '/proc/self']) {
    const config = read(`linux_tracing:\n  log_dir: ${path}\n`);
    assert.equal(config?.logDir, undefined, path);
    assert.match(config?.problem ?? '', /does not count: it is (?:inside the workspace|not in your home)/, path);
  }
  assert.equal(read('linux_tracing:\n  log_dir: ~/logs\n')?.logDir, join(home, 'logs'));
  rmSync(join(home, 'work', '.git'), { recursive: true });
  assert.equal(read('linux_tracing:\n  log_dir: ../other\n')?.logDir, join(home, 'work', 'other'));
  writeFileSync(file, 'linux_tracing:\n  log_dir: ~/logs\n');
  assert.equal(
    readWorkspaceConfig(folder, join(folder, 'home'))?.logDir,
    join(folder, 'home', 'logs'),
    'a home inside',
  );
});

test('wrong types, broken YAML, bombs and a missing file give nothing, at once, and never throw', () => {
  const nothing = { enabled: undefined, procIntervalSeconds: undefined, logDir: undefined };
  for (const yaml of [
    'linux_tracing: {enabled: 3, proc_interval: -1, log_dir: [x]}',
    'linux_tracing:\n  enabled: *a\n  proc_interval: !!int 3\n  log_dir: |\n    x\n',
  ]) {
    assert.deepEqual(read(yaml), nothing);
  }
  const bomb = Array.from({ length: 9 }, (_unused, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`).join('\n');
  const most = 64 * 1024;
  const started = performance.now();
  for (const yaml of ['', '[', 'linux_tracing: 3', '- x', '\0', `a0: &a0 [x]\n${bomb}`, '? '.repeat(most / 2)]) {
    assert.equal(read(yaml), undefined, yaml.slice(0, 20));
  }
  for (const filler of [
    '? ',
    '[',
    '{a: ',
    '- ',
    '  k: 1\n',
    "'",
    ' #',
    '  a: {',
    '"\\',
    '\t',
    '  <<: *a\n',
    '{x: 1},',
  ]) {
    read(`linux_tracing:${filler.startsWith(' ') ? '\n' : ' '}${filler.repeat(most / filler.length - 16)}`);
  }
  assert.ok(performance.now() - started < 2000, 'all of them together take no two seconds');
  assert.equal(readWorkspaceConfig(join(folder, 'nowhere'), '/'), undefined);
});

test('a link, a pipe, a folder or more than 64 KiB in its place is not read, and says so', () => {
  const real = join(home, 'real.yaml');
  writeFileSync(real, 'linux_tracing: {enabled: false}');
  const places: readonly (readonly [string, () => void])[] = [
    ['symbolic link', () => symlinkSync('/dev/zero', file)],
    ['symbolic link', () => symlinkSync(real, file)],
    ['no file', () => void execFileSync('mkfifo', [file])],
    ['no file', () => mkdirSync(file)],
    ['64 KiB', () => writeFileSync(file, `linux_tracing: {enabled: false}\n${'#'.repeat(64 * 1024)}`)],
  ];
  for (const [what, make] of places) {
    rmSync(file, { recursive: true, force: true });
    make();
    const config = readWorkspaceConfig(folder, home);
    assert.equal(config?.enabled, undefined);
    assert.match(config?.problem ?? '', new RegExp(what));
  }
});
