/**
 * Stands in for Claude Code in the demo: it really runs its commands, tells of them as `claude -p --output-format
 * stream-json` does, and writes its transcript where Claude Code would. Which story it plays, `DEMO_STORY` says.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

interface Story {
  readonly commands: readonly string[];
  /** MiB a second that the agent itself takes. */
  readonly growth?: number;
  readonly end: string;
  readonly exitCode: number;
}

const GROW = `import time\nkept = []\nwhile True:\n  kept.append(bytearray(8 << 20)); print(len(kept) * 8, 'MiB', flush=True); time.sleep(0.15)`;

export const STORIES: Readonly<Record<string, Story>> = {
  good: { commands: ['ls -la', 'node --version', 'sleep 2; echo 12 passed'], end: 'All tests pass.', exitCode: 0 },
  bad: {
    commands: ['ls', 'pytest-not-there -q', 'sleep 1; echo "1 failed, 11 passed"; exit 1'],
    end: 'The tests cannot be run here.',
    exitCode: 1,
  },
  network: {
    commands: ['curl -sS --max-time 5 https://registry.invalid/left-pad', 'curl -sS --max-time 5 http://127.0.0.1:9/'],
    end: 'The registry cannot be reached.',
    exitCode: 1,
  },
  'child-oom': { commands: ['ls', `python3 -c "${GROW}"`, 'sleep 2'], end: 'The build was killed.', exitCode: 1 },
  'agent-oom': { commands: ['ls', 'sleep 60'], growth: 40, end: '', exitCode: 0 },
  leak: { commands: ['sleep 900'], growth: 3, end: '', exitCode: 0 },
  hang: { commands: ['ls', 'mkfifo -m 600 "$HOME/reply.pipe"; cat "$HOME/reply.pipe"'], end: '', exitCode: 0 },
};

const session = randomUUID();
const folder = join(homedir(), '.claude/projects', process.cwd().replaceAll(/[^a-zA-Z0-9]/g, '-'));
let parent: string | null = null;

/** One message, for whoever reads the output and for the transcript. */
function tell(type: 'assistant' | 'user', content: readonly object[]): void {
  const uuid = randomUUID();
  const message = { id: `msg_${uuid.slice(0, 8)}`, role: type, content };
  const envelope = { parentUuid: parent, uuid, cwd: process.cwd(), sessionId: session, version: '2.0.0' };
  parent = uuid;
  console.log(JSON.stringify({ type, message, session_id: session }));
  const line = { ...envelope, type, timestamp: new Date().toISOString(), message };
  appendFileSync(join(folder, `${session}.jsonl`), `${JSON.stringify(line)}\n`);
}

async function run(command: string, n: number): Promise<void> {
  const id = `toolu_${n}`;
  tell('assistant', [{ type: 'tool_use', id, name: 'Bash', input: { command } }]);
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      process.stderr.write(text);
    });
  }
  const code = await new Promise<number>((resolve) => {
    child.once('close', (exit, signal) => resolve(exit ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  const content = code === 0 ? output : `Exit code ${code}\n${output}`;
  tell('user', [{ type: 'tool_result', tool_use_id: id, content: content.slice(-4000), is_error: code !== 0 }]);
}

async function play({ commands, growth = 0, end, exitCode }: Story): Promise<void> {
  mkdirSync(folder, { recursive: true });
  console.log(
    JSON.stringify({ type: 'system', subtype: 'init', session_id: session, cwd: process.cwd(), tools: ['Bash'] }),
  );
  tell('user', [{ type: 'text', text: process.argv.slice(2).join(' ') }]);
  const kept: Buffer[] = [];
  // Filled, because memory that is not written to is not resident.
  const grow = setInterval(() => growth > 0 && kept.push(Buffer.alloc(growth << 20, 1)), 1000);
  for (const [n, command] of commands.entries()) {
    await run(command, n);
    await delay(700);
  }
  clearInterval(grow);
  tell('assistant', [{ type: 'text', text: end }]);
  const result = {
    type: 'result',
    subtype: 'success',
    is_error: exitCode !== 0,
    num_turns: commands.length,
    result: end,
  };
  console.log(JSON.stringify({ ...result, session_id: session }));
  process.exitCode = exitCode;
}

if (import.meta.main) {
  const { DEMO_STORY = '', DEMO_GROUP } = process.env;
  // The limit of the story's memory group holds for the agent and what it starts.
  if (DEMO_GROUP !== undefined) writeFileSync(DEMO_GROUP, String(process.pid));
  const story = STORIES[DEMO_STORY];
  if (story === undefined) throw new Error(`no story "${DEMO_STORY}"`);
  await play(story);
}
