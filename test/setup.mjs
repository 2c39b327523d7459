// Brings a bare machine (Node, npm, root) to where the tests can run: packages by npm, tools by apt-get.
// Plain JavaScript for whatever Node the machine has: nothing is installed yet when this runs.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;

function run(command, args, options = {}) {
  console.log(`> ${command} ${args.join(' ')}`);
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  return result.status === 0;
}

function found(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

function packagesAreCurrent() {
  const installed = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
}

if (!packagesAreCurrent() && !run('npm', ['ci', '--no-audit', '--no-fund'])) {
  console.error(
    'npm ci failed: the packages in package-lock.json could not be installed. Is the npm registry in reach?',
  );
  process.exit(1);
}

/** Each tool with the Debian package that holds it and what goes untested without it. */
const tools = [
  {
    isThere: () => found('chromium') || found('google-chrome'),
    apt: 'chromium',
    forWhat: 'the editor and panel tests',
  },
  { isThere: () => found('jq'), apt: 'jq', forWhat: 'the test of the published jq commands, and a yardstick' },
  { isThere: () => found('zsh') && found('fish'), apt: 'zsh fish', forWhat: 'completion in these shells' },
  { isThere: () => found('man'), apt: 'man-db', forWhat: 'the manual page' },
  { isThere: () => found('tmux'), apt: 'tmux', forWhat: 'the terminal tests' },
  {
    isThere: () => existsSync('/lib/systemd/systemd-journal-remote'),
    apt: 'systemd-journal-remote',
    forWhat: 'journals to ask why of',
  },
  { isThere: () => found('gcc'), apt: 'gcc libc6-dev', forWhat: 'crash fixtures' },
  { isThere: () => found('musl-gcc'), apt: 'musl-tools', forWhat: 'the launcher’s small build' },
  { isThere: () => found('make') && found('g++'), apt: 'make g++', forWhat: "the editor's native modules" },
  { isThere: () => existsSync('/usr/bin/python3'), apt: 'python3', forWhat: 'fixtures that fork' },
  {
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import psutil']).status === 0,
    apt: 'python3-psutil',
    forWhat: 'the sampling yardstick',
  },
];

const missing = process.platform === 'linux' ? tools.filter((tool) => !tool.isThere()) : [];
if (missing.length > 0) {
  const packages = missing.flatMap((tool) => tool.apt.split(' '));
  const canInstall = found('apt-get') && process.getuid?.() === 0;
  const installed =
    canInstall &&
    run('apt-get', ['update', '-qq']) &&
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  if (!installed) {
    for (const tool of missing)
      console.warn(`Missing ${tool.apt}: ${tool.forWhat} will be skipped. Install it and run again.`);
  }
}
