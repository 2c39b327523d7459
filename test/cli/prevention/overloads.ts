import { readdirSync, readFileSync } from 'node:fs';

/** An agent of 110 MB that starts tools, waits for all of them, and then says that it goes on. */
const AGENT = `
import json, subprocess, sys
own = bytearray(110 << 20)
for at in range(0, len(own), 4096): own[at] = 1
tools = [subprocess.Popen(tool["command"], start_new_session=tool["alone"]) for tool in json.loads(sys.argv[1])]
codes = [tool.wait() for tool in tools]
print("agent goes on, tools ended with", codes, flush=True)
`;

interface Tool {
  readonly command: readonly string[];
  /** In a session and group of its own. */
  readonly alone: boolean;
}

function tool(...command: readonly string[]): Tool {
  return { command, alone: false };
}

/** Takes 4 MB each 8 ms: half a gigabyte a second, as a build or a test run does. */
const PYTHON_HOG = 'import time\nkept = []\nwhile True:\n  kept.append(bytearray(b"1" * (4 << 20))); time.sleep(0.008)';
const NODE_HOG = 'const kept=[]; setInterval(() => kept.push(Buffer.alloc(4 << 20, 1)), 8)';
const SMALL_HOG = 'kept = bytearray(b"1" * (12 << 20))\nimport time; time.sleep(3)';
const STORM = `import subprocess, sys, time\nchildren = []\nwhile True:\n  children.append(subprocess.Popen([sys.executable, "-c", ${JSON.stringify(SMALL_HOG)}])); time.sleep(0.02)`;
/** A compiled program that keeps all that it reads until there is a line's end, which never comes. */
const COMPILED = 'while head -c 4000000 /dev/zero; do sleep 0.01; done | tail';

/** What agents' tools do to the memory, by name; each overloads a group of 200 MB that holds the agent. */
export const OVERLOADS: Readonly<Record<string, readonly Tool[]>> = {
  'one tool': [tool('python3', '-c', PYTHON_HOG)],
  'two tools': [tool('python3', '-c', PYTHON_HOG), tool('python3', '-c', PYTHON_HOG)],
  'a storm of forks': [tool('timeout', '-s', 'KILL', '3', 'python3', '-c', STORM)],
  'a tool in a group of its own': [{ command: ['python3', '-c', PYTHON_HOG], alone: true }],
  'a Node tool': [tool(process.execPath, '-e', NODE_HOG)],
  'a compiled tool below a shell': [tool('sh', '-c', COMPILED)],
};

/** The agent and its tools, in the group whose `cgroup.procs` is given. */
export function overloadedAgent(tools: readonly Tool[], procs: string): readonly string[] {
  const script = `echo $$ > "$0" && exec "$@"`;
  return ['sh', '-c', script, procs, 'python3', '-c', AGENT, JSON.stringify(tools)];
}

/** A program that gives itself a score does so at its start; browsers change those of their pages at any time. */
const SETTLED_SECONDS = 2;
const CHANGES_ITS_OWN = /^\((?:chrom|code)/;

/** The scores of everybody, by pid and start: whoever is not of the session must have the same before and after. */
export function everybodysScores(): ReadonlyMap<string, string> {
  const scores = new Map<string, string>();
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [head = '', tail = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ');
      const started = tail.split(' ')[19] ?? '';
      if (uptime - Number(started) / 100 < SETTLED_SECONDS || CHANGES_ITS_OWN.test(head.slice(head.indexOf('('))))
        continue;
      scores.set(`${pid} ${started}`, readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim());
    } catch {
      continue; // gone meanwhile
    }
  }
  return scores;
}
