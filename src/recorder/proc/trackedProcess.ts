import { agentKindOf } from '../../core/session/agentKind.ts';

/** The process whose snapshots make the trace: the agent itself, not what started it. */
export interface TrackedProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly comm: string;
  /** The names of the wrappers passed through on the way down, outermost first; empty when it is what was started. */
  readonly via: readonly string[];
}

export interface Candidate {
  readonly pid: number;
  readonly startTicks: number;
  readonly comm: string;
  readonly isZombie: boolean;
}

export interface Family {
  childrenOf(pid: number): readonly Candidate[];
  argumentsOf(pid: number): readonly string[];
}

/** Programs that start the rest of their command line and wait for it. */
const WRAPPERS: ReadonlySet<string> = new Set(
  (
    'timeout env nohup nice ionice stdbuf setsid sudo doas su script xvfb-run tini dumb-init docker-init catatonit ' +
    'time flock unshare setpriv chrt taskset npx pnpm pnpx yarn bunx uv uvx'
  ).split(' '),
);

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ash', 'ksh', 'mksh', 'fish', 'busybox']);

const RUNTIMES = /^(node|nodejs|bun|deno|python[\d.]*|ruby)$/;

/** Node programs that run another program: `npm exec`, `npx`. npm writes its title over its arguments. */
const SCRIPT_WRAPPERS: ReadonlySet<string> = new Set(['npx', 'npx-cli', 'npm', 'npm-cli', 'pnpm', 'yarn', 'corepack']);

/** What stands beside an agent without being one: the display xvfb-run starts, the other end of a pipe. */
const COMPANIONS: ReadonlySet<string> = new Set(['Xvfb', 'xauth', 'dbus-daemon', 'dbus-launch', 'tee', 'cat', 'ts']);

/** Longer chains than this do not occur; a bound keeps a hostile tree from costing time. */
const MAX_DEPTH = 8;

/**
 * From `start` down through wrappers to the agent. `isAcceptable` narrows who may be taken for the agent. A wrapper is
 * passed through even so, but only what is acceptable is stopped at: a child that is still a copy of its shell, between
 * fork and exec, looks like a wrapper.
 */
export function descendToAgent(
  start: TrackedProcess,
  family: Family,
  isAcceptable: (candidate: Candidate) => boolean,
): TrackedProcess {
  let accepted = start;
  let at = start;
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const next = wrappedChild(at, family);
    if (next === undefined) break;
    at = { pid: next.pid, startTicks: next.startTicks, comm: next.comm, via: [...at.via, at.comm] };
    if (isAcceptable(next)) accepted = at;
    else if (!isWrapper(family.argumentsOf(next.pid), next.comm)) break;
  }
  return accepted;
}

export function isKnownAgent(args: readonly string[]): boolean {
  return agentKindOf([programName(args)]) !== 'other';
}

function wrappedChild(tracked: TrackedProcess, family: Family): Candidate | undefined {
  const args = family.argumentsOf(tracked.pid);
  if (isWrapper(args, tracked.comm)) return onlyWorker(family.childrenOf(tracked.pid), family);
  if (!RUNTIMES.test(baseName(args[0] ?? ''))) return undefined;
  const child = onlyWorker(family.childrenOf(tracked.pid), family);
  return child !== undefined && isLaunchedBy(args, child, family.argumentsOf(child.pid)) ? child : undefined;
}

/**
 * A launcher is a script that starts the native program of its own name (codex), or itself again with other flags
 * (gemini). A child with the very same arguments is a fork: a worker of the agent.
 */
function isLaunchedBy(args: readonly string[], child: Candidate, childArgs: readonly string[]): boolean {
  const name = programName(args);
  if (name === '' || args.join('\0') === childArgs.join('\0')) return false;
  return programName(childArgs) === name || child.comm === name.slice(0, 15);
}

/** The one child that works; among several the one that is an agent by name. */
function onlyWorker(children: readonly Candidate[], family: Family): Candidate | undefined {
  const workers = children.filter((child) => !child.isZombie && !COMPANIONS.has(child.comm));
  if (workers.length === 1) return workers[0];
  const agents = workers.filter((child) => isKnownAgent(family.argumentsOf(child.pid)));
  return agents.length === 1 ? agents[0] : undefined;
}

function isWrapper(args: readonly string[], comm: string): boolean {
  const program = baseName(args[0] ?? '').replace(/^-/, '');
  if (SHELLS.has(program)) return runsCommandString(args) || WRAPPERS.has(comm);
  if (WRAPPERS.has(program) || WRAPPERS.has(comm)) return true;
  if (/^npm (exec|x|run|start)\b/.test(args[0] ?? '')) return true;
  return RUNTIMES.test(program) && SCRIPT_WRAPPERS.has(programName(args));
}

/** `sh -c TEXT`, `bash -lc TEXT`, `bash -o pipefail -c TEXT`; a shell that runs a script file does the work itself. */
function runsCommandString(args: readonly string[]): boolean {
  for (let i = 1; i < args.length; i += 1) {
    const option = args[i] ?? '';
    if (!/^[-+]/.test(option)) return option === 'sh' && i === 1 && args.includes('-c'); // busybox sh -c
    if (/^-[a-z]*c[a-z]*$/.test(option)) return true;
    if (/^[-+][a-z]*o$/i.test(option)) i += 1;
  }
  return false;
}

/** The base name of what runs: of the script when a runtime runs one, without its extension; none for `node -e TEXT`. */
function programName(args: readonly string[]): string {
  const program = baseName(args[0] ?? '');
  if (!RUNTIMES.test(program)) return withoutExtension(program);
  const script = args.slice(1).find((argument) => !argument.startsWith('-') || /^-[cemp]$/.test(argument));
  return script === undefined || script.startsWith('-') ? '' : withoutExtension(baseName(script));
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function withoutExtension(name: string): string {
  return name.replace(/\.(js|mjs|cjs|py|rb|exe|cmd)$/i, '');
}
