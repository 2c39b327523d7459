import { agentRow, KNOWN_AGENTS } from '../words/agentTable.ts';

/** What a process is, by its comm: comms are free text, these words are not. */
export const PROCESS_KINDS = [
  'agent',
  'node',
  'bun',
  'deno',
  'python',
  'ruby',
  'java',
  'shell',
  'git',
  'search',
  'package_manager',
  'compiler',
  'build_tool',
  'test_runner',
  'browser',
  'container',
  'database',
  'network_tool',
  'editor',
  'multiplexer',
  'other',
] as const;
export type ProcessKind = (typeof PROCESS_KINDS)[number];

/** A name that is also an ordinary word tells nothing by itself. */
function namesOf(kind: (typeof KNOWN_AGENTS)[number]): readonly string[] {
  const row = agentRow(kind);
  return row === undefined || row.isOrdinaryWord === true ? [] : row.programs;
}

/** Whole names after digits, dots and versions at the end are gone; the kernel keeps 15 characters of each. */
const NAMES: { readonly [kind in Exclude<ProcessKind, 'other'>]: string } = {
  agent: ['aider', ...KNOWN_AGENTS.flatMap(namesOf)].join(' '),
  node: 'node nodejs mainthread tsx ts-node nodemon',
  bun: 'bun',
  deno: 'deno',
  python: 'python pythonw pypy ipython uvicorn gunicorn jupyter',
  ruby: 'ruby rake rails irb',
  java: 'java javac kotlin scala',
  shell: 'sh bash zsh dash fish ksh ash busybox pwsh powershell cmd',
  git: 'git git-remote-http git-remote-https gh ssh-agent',
  search: 'grep egrep rg ag find fd ack xargs',
  package_manager: 'npm npx pnpm yarn pip uv poetry apt apt-get dpkg brew conda gem bundle composer',
  compiler: 'gcc g++ cc cc1 cc1plus clang clang++ rustc ld lld tsc tsgo go compile link swiftc dotnet ghc as collect2',
  build_tool: 'make cmake ninja cargo gradle mvn bazel esbuild webpack vite rollup turbo meson',
  test_runner: 'pytest jest vitest mocha playwright cypress ctest',
  browser: 'chrome chromium firefox webkit chrome_crashpad headless_shell safari msedge',
  container: 'docker dockerd containerd podman runc crun kubectl buildkitd',
  database: 'postgres mysqld redis-server mongod sqlite clickhouse',
  network_tool: 'curl wget ssh scp rsync nc dig ping',
  editor: 'code code-server vim nvim emacs nano electron',
  multiplexer: 'tmux screen zellij',
};

const KIND_OF: ReadonlyMap<string, ProcessKind> = new Map(
  // Object.keys of a record with exactly these keys.
  (Object.keys(NAMES) as Exclude<ProcessKind, 'other'>[]).flatMap((kind) =>
    NAMES[kind].split(' ').map((name): [string, ProcessKind] => [name, kind]),
  ),
);

export function processKindOf(comm: string | undefined): ProcessKind {
  const name = (comm ?? '').toLowerCase().replace(/\.exe$/, '');
  return KIND_OF.get(name) ?? KIND_OF.get(name.replace(/[-.]?\d[\d.]*$/, '').replace(/:.*$/, '')) ?? 'other';
}
