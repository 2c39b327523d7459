import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { HEALTHY, INCOMPLETE, textOf } from '../../agents/sessionEnds.ts';
import { linesOf, TELLERS } from '../../agents/tellers.ts';
import { homeEnvironment } from '../../agents/homeEnvironment.ts';
import { runCli } from '../builtCli.ts';
import { claudeOpen } from './agentLines.ts';

/** A user's home in which agents have left their logs, and the command line in it. */
export class AgentHome {
  readonly path = mkdtempSync(join(tmpdir(), 'agent-home-'));
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    this.env = { ...homeEnvironment(this.path), TMUX_TMPDIR: this.path };
    after(() => rmSync(this.path, { recursive: true, force: true }));
  }

  write(place: string, text: string): string {
    const path = join(this.path, place);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  async cli(...args: readonly string[]) {
    return await runCli(args, { env: this.env, cwd: this.path });
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T; // the command line's own
  }

  async list(): Promise<readonly LogRow[]> {
    return await this.json<readonly LogRow[]>('list', '--logs');
  }
}

export interface LogRow {
  readonly dir_name: string;
  readonly state: string;
  readonly outcome: string;
  readonly cause: string | null;
  readonly agent: string;
  readonly cwd: string;
  readonly skill_command: string;
  readonly exit_code: number | null;
}

export interface WhyAnswer {
  readonly id: string;
  readonly verdict: {
    readonly outcome: string;
    readonly cause: string;
    readonly confidence: string;
    readonly detail?: string;
    readonly evidence: readonly { readonly kind: string; readonly name?: string; readonly pid?: number }[];
  };
  readonly open_call: { readonly kind: string; readonly command?: string } | null;
  readonly findings: readonly {
    readonly kind: string;
    readonly rule: string;
    readonly grade: string;
    readonly pid?: number;
  }[];
  readonly looked: readonly { readonly source: string; readonly state: string; readonly help?: string }[];
}

/** Where each agent's log lies in a home. */
const PLACES: Readonly<Record<string, (name: string) => string>> = {
  claude_transcript: (name) => `.claude/projects/-srv-app/${name}.jsonl`,
  codex_rollout: (name) => `.codex/sessions/2026/03/01/rollout-${name}.jsonl`,
  gemini_session: (name) => `.gemini/tmp/p/chats/session-${name}.jsonl`,
  qwen_chat: (name) => `.qwen/projects/-srv/chats/${name}.jsonl`,
  pi_session: (name) => `.pi/agent/sessions/--srv--/${name}.jsonl`,
  copilot_events: (name) => `.copilot/session-state/${name}/events.jsonl`,
  droid_session: (name) => `.factory/sessions/${name}.jsonl`,
};

export interface ToldLog {
  readonly place: string;
  readonly text: string;
}

/** Logs of seven agents that end as logs do, with an answer, however badly the turns before went. */
export function healthyLogs(): readonly ToldLog[] {
  const samples = HEALTHY.flatMap(({ format, lines }, index) => {
    // An old rollout tells no turns at all, and none of a newer version stands before it.
    const isOld = format === 'codex_rollout' && !textOf(lines).includes('task_started');
    const before = INCOMPLETE.filter(
      (sample) => !isOld && sample.format === format && typeof sample.lines.at(-1) !== 'string',
    );
    return [[], ...before.slice(0, 8).map((sample) => sample.lines)].flatMap((earlier, turn) =>
      toldLog(format, `healthy-${index}-${turn}`, textOf([...earlier, ...lines])),
    );
  });
  return [...samples, ...tellersLogs('answered')];
}

/** And such as stop while a call is open. */
export function openLogs(): readonly ToldLog[] {
  const samples = INCOMPLETE.flatMap(({ format, lines, end }, index) =>
    end === 'call_open' ? toldLog(format, `open-${index}`, textOf(lines)) : [],
  );
  return [...samples, ...tellersLogs('open')];
}

function tellersLogs(how: 'answered' | 'open'): readonly ToldLog[] {
  return Object.keys(PLACES).flatMap((format) => {
    const teller = TELLERS[format];
    if (teller === undefined) return [];
    const call = { id: 'c1', tool: teller.shell, args: { command: 'make deploy' } };
    const rest = how === 'open' ? [] : [...teller.ran(call, 0, 'ok'), ...teller.end];
    const lines = linesOf(teller, [...teller.begin, ...teller.ask(call), ...rest]);
    const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    return toldLog(format, how, text);
  });
}

function toldLog(format: string, name: string, text: string): readonly ToldLog[] {
  const place = PLACES[format];
  return place === undefined ? [] : [{ place: place(name), text }];
}

/**
 * A program by the name of an agent that keeps its log open, as a native one does, and then does what it is told: a
 * segfault, memory without end, or nothing.
 */
export function startAgent(
  home: AgentHome,
  folder: string,
): { readonly child: ChildProcess; readonly log: string; readonly tell: (what: string) => void } {
  const program = join(home.path, 'claude');
  writeFileSync(program, AGENT);
  chmodSync(program, 0o755);
  const work = join(home.path, folder);
  const log = join(home.path, '.claude/projects', work.replace(/[^a-zA-Z0-9]/g, '-'), 's.jsonl');
  mkdirSync(work, { recursive: true });
  mkdirSync(join(log, '..'), { recursive: true });
  const text = claudeOpen(Date.now()).replaceAll('"/srv/app"', JSON.stringify(work));
  const child = spawn('/usr/bin/python3', [program, log], { cwd: work, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(text)}\n`);
  return { child, log, tell: (what) => child.stdin.write(`${what}\n`) };
}

const AGENT = `
import ctypes, json, sys
log = open(sys.argv[1], 'a')
log.write(json.loads(sys.stdin.readline()))
log.flush()
print('ready', flush=True)
for line in sys.stdin:
    if line.strip() == 'crash': ctypes.string_at(0)
    if line.strip() == 'grow':
        kept = []
        while True: kept.append(bytearray(4 << 20))
`;
