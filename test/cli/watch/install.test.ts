import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCli, type Finished } from '../builtCli.ts';

const UNIT = 'systemd/user/session-diagnostics-watch.service';
const skip = process.platform === 'linux' ? false : 'services of systemd are Linux’s';

interface Scene {
  readonly config: string;
  readonly asked: () => readonly string[];
  readonly watch: (...args: string[]) => Promise<Finished>;
}

/** A home of its own, with a systemctl that does, of what is asked, what a unit's links need. */
function scene(t: TestContext, systemctl: string): Scene {
  const home = mkdtempSync(join(tmpdir(), 'install 100% $HOME '));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const [config, bin, log] = [join(home, 'config'), join(home, 'bin'), join(home, 'asked')];
  mkdirSync(bin);
  mkdirSync(config);
  if (systemctl !== '')
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\necho "$*" >> '${log}'\n${systemctl}\n`, { mode: 0o755 });
  writeFileSync(join(bin, 'session-diagnostics'), '#!/bin/sh\n', { mode: 0o755 });
  const path = systemctl === '' ? bin : `${bin}:/usr/bin:/bin`;
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: config,
    PATH: path,
    SESSION_DIAGNOSTICS_WATCH_NAME: `install-${process.pid}`,
  };
  return {
    config,
    asked: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    watch: (...args) => runCli(['watch', ...args], { env }),
  };
}

test(
  'watch --install makes a service that systemd accepts, and --uninstall leaves nothing behind',
  { skip },
  async (t) => {
    const { config, asked, watch } = scene(t, 'exit 0');
    const installed = await watch('--install', '--interval', '2', '--except', 'gemini', '--on-end', 'echo "$1" 50%');
    assert.equal(installed.code, 0, installed.stderr);
    assert.deepEqual(asked(), [
      '--user daemon-reload',
      '--user enable session-diagnostics-watch.service',
      '--user restart session-diagnostics-watch.service',
    ]);
    const unit = readFileSync(join(config, UNIT), 'utf8');
    assert.match(
      unit,
      /^ExecStart="[^\n]*\/bin\/session-diagnostics" "watch" "--log-dir=[^\n]* "--interval=2" "--on-end=echo \\"\$\$1\\" 50%%" "--except=gemini"$/m,
    );
    const runtime = mkdtempSync(join(tmpdir(), 'runtime-'));
    t.after(() => rmSync(runtime, { recursive: true, force: true }));
    const verify = (path: string): string | undefined => {
      const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
      const ran = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', path], { env, encoding: 'utf8' });
      return ran.error === undefined ? ran.stderr : undefined;
    };
    const bad = join(runtime, 'bad.service');
    writeFileSync(bad, unit.replace('KillSignal=SIGINT', 'KillSignal=SIGNONE'));
    // It can say no, where it is there and works at all.
    if (/signal name/.test(verify(bad) ?? '')) assert.equal(verify(join(config, UNIT)), '');
    else t.diagnostic('systemd-analyze does not verify here');
    const status = await watch('--status', '--json');
    assert.deepEqual(JSON.parse(status.stdout), { installed: join(config, UNIT), enabled: true, running: null });
    assert.equal((await watch('--uninstall')).code, 0);
    assert.equal(asked().at(-2), '--user disable --now session-diagnostics-watch.service');
    assert.deepEqual(spawnSync('find', [config, '-mindepth', '1'], { encoding: 'utf8' }).stdout, '');
    assert.match((await watch('--uninstall')).stdout, /No service was installed/);
  },
);

for (const [what, systemctl, says] of [
  ['no systemd', '', /This system has no systemd\. Nothing was installed\./],
  [
    'a systemd without services for users',
    'echo "Failed to connect to bus: No medium found" >&2; exit 1',
    /Failed to connect to bus: No medium found.*Nothing was installed\./,
  ],
] as const) {
  test(`where there is ${what}, watch --install says how else, and leaves nothing behind`, { skip }, async (t) => {
    const { config, watch } = scene(t, systemctl);
    const installed = await watch('--install');
    assert.equal(installed.code, 1);
    assert.match(installed.stderr, says);
    assert.match(installed.stderr, /@reboot/);
    assert.equal(spawnSync('/usr/bin/find', [config, '-mindepth', '1'], { encoding: 'utf8' }).stdout, '');
  });
}

test('a flag that a service would be refused for is refused at once', { skip }, async (t) => {
  const { asked, watch } = scene(t, 'exit 0');
  for (const args of [
    ['--install', '--interval', 'soon'],
    ['--install', '--status'],
    ['--install', '--max-sessions', '-1'],
  ]) {
    assert.equal((await watch(...args)).code, 2, args.join(' '));
  }
  assert.deepEqual(asked(), []);
});
