import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTranscriptAnalyzer } from '../../../src/agents/transcriptReader.ts';
import type { Random } from '../../core/randomFrom.ts';
import { drawn } from '../../core/privacy/secretCorpus.ts';
import { transcriptTemplates } from './canaryTranscripts.ts';

/** Log roots in which every text of every file holds a canary of its own, in one of the encodings that logs have. */

/** Every canary begins with it: one look finds all of them. */
const MARK = 'zqzqzq';
const CONSONANTS = 'bcdfghjkmnpqrstvwxz';

export interface Canaries {
  readonly words: readonly string[];
  /** A text with a fresh canary in it. */
  readonly spell: (plain: string) => string;
}

export function canaries(random: Random): Canaries {
  const words: string[] = [];
  const spell = (plain: string): string => {
    const word = MARK + drawn(random, CONSONANTS, 10);
    words.push(word);
    const forms = [
      word,
      JSON.stringify(word),
      JSON.stringify(JSON.stringify({ [word]: `/home/${word}/x` })),
      encodeURIComponent(`/srv/${word}/ä`),
      Buffer.from(`secret ${word}`).toString('base64'),
      // What comes close to a value that would be let through.
      `${plain}${word}`,
      `${plain} ${word}`,
      `1.2.3-${word}`,
      `src:${word}:L1`,
    ];
    return forms[Math.floor(random() * forms.length)] ?? word;
  };
  return { words, spell };
}

/** Where a text holds a canary, in the open or within base64: the mark's groups of three, wherever they begin. */
export function canaryIn(text: string): string | undefined {
  const at = /zqz|enF6|cXpx/.exec(text)?.index;
  return at === undefined ? undefined : text.slice(Math.max(0, at - 60), at + 60);
}

/** Every text of a value spelled anew, nine times in ten: what stays leads deeper into the code that reads it. */
export function spelled(value: unknown, { spell }: Canaries, random: Random): unknown {
  if (typeof value === 'string') return random() < 0.9 ? spell(value) : value;
  if (Array.isArray(value)) return value.map((item) => spelled(item, { spell, words: [] }, random));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.startsWith('free_') ? spell(key) : key,
      spelled(item, { spell, words: [] }, random),
    ]),
  );
}

const ts = (second: number): string => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString();

/** One session; its directory's name is all that is not a canary. */
export function writeCanarySession(
  root: string,
  id: string,
  { given, random }: { given: Canaries; random: Random },
): void {
  const dir = join(root, 'sessions', id);
  mkdirSync(dir, { recursive: true });
  const spell = (value: unknown): unknown => spelled(value, given, random);
  const write = (file: string, lines: readonly unknown[]): void =>
    writeFileSync(join(dir, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  const transcript = join(dir, 'stdout.log');
  const template = transcriptTemplates[Math.floor(random() * transcriptTemplates.length)] ?? [];
  // Its types stay: an unknown format has nothing to tell.
  const lines = template.map((line) => withKept(line, spell(line)));
  write('stdout.log', lines);
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:0123456789ab:L${line}` });
  for (const line of lines) analyzer.push(JSON.stringify(line));
  analyzer.finish();

  const failures = analyzer.snapshotOf();
  const summary = spell(summaryTemplate()) as Record<string, unknown>; // an object goes in, so one comes out
  write('summary.json', [
    {
      ...summary,
      transcript,
      // As we wrote it, or as anybody may have rewritten it.
      failures: random() < 0.5 ? failures : spell(failures),
      verdict: random() < 0.5 ? summary['verdict'] : withKept(VERDICT, spell(VERDICT)),
    },
  ]);
  write(
    'proc_trace.jsonl',
    [0, 1, 2, 3].map((seq) => ({ ...(spell(snapshotTemplate(seq)) as object), ts: ts(seq), seq })),
  );
  write('tree.jsonl', [{ ts: ts(0), seq: 0, processes: spell(PROCESSES) }]);
  const started = { pid: 4301, start_ticks: 1, ppid: 1, comm: spell('sh'), command: spell('sh -c x'), first_ts: ts(0) };
  write('processes.jsonl', [started, { pid: 4301, start_ticks: 1, last_ts: ts(1) }]);
  write('stderr.log', [spell('Error: x')]);
  write(
    'anomalies.jsonl',
    ['rss_growth', 'of_tomorrow'].map((kind) => spell(anomalyTemplate(kind))),
  );
  write('lifecycle.jsonl', [
    spell({ timestamp: ts(9), event: 'session_finished', reason: 'x', context: { free_k: 'v' } }),
  ]);
  write('enrollment.json', [spell({ session_id: id, enrolled_at: ts(0), boot_id: 'b', cwd: '/srv/x', skill_command: 'claude -p x', label: 'l', comm: 'node', via: ['sh'] })]); // prettier-ignore
}

/** The words by which a reader knows what a record is are the template's own. */
function withKept(template: unknown, changed: unknown): unknown {
  if (Array.isArray(template) && Array.isArray(changed)) return template.map((item, i) => withKept(item, changed[i]));
  if (typeof template !== 'object' || template === null || typeof changed !== 'object' || changed === null)
    return changed;
  return Object.fromEntries(
    Object.entries(changed).map(([key, value]) => {
      const known = (template as Readonly<Record<string, unknown>>)[key];
      return [key, KEPT.has(key) ? known : withKept(known, value)];
    }),
  );
}

const KEPT = new Set(['type', 'role', 'subtype', 'phase', 'event', 'status', 'kind', 'outcome', 'cause', 'layer', 'confidence', 'timestamp', 'id', 'tool_use_id', 'call_id', 'tool_id']); // prettier-ignore

const VERDICT = {
  outcome: 'died',
  cause: 'oom_kill',
  layer: 'environment',
  confidence: 'certain',
  evidence: [
    { kind: 'exit_status', name: 'SIGKILL', value: -9 },
    { kind: 'kernel_log', ts: ts(3), pid: 4000, name: 'claude' },
    { kind: 'killer_process', pid: 9, name: 'earlyoom' },
    { kind: 'signal_sender', pid: 9, name: 'kill', relation: 'outside', value: 0, command: '/bin/kill -9 4000' },
    { kind: 'own_command', name: 'pkill', relation: 'itself' },
    { kind: 'stderr_marker', name: 'no_space', value: 3 },
    { kind: 'tmux', name: 'server_gone' },
    { kind: 'last_snapshot', name: 'vm_rss_kb', value: 9, limit: 10 },
    { kind: 'unheard_of', name: 'x' },
  ],
};

function summaryTemplate(): object {
  return {
    session_id: 's', dir_name: 's', pid: 4000, cwd: '/home/x/p', skill_command: 'claude -p x', success: false, subtype: 'crashed', exit_code: -9,
    signal: 'SIGKILL', start_ts: ts(0), end_ts: ts(200), duration_seconds: 200, snapshot_interval_seconds: 1, snapshot_count: 4, anomaly_count: 2,
    peak_rss_kb: 5, peak_oom_score: 700, peak_fd_ratio: 0.1, termination_reason: 'killed', kill_reason: 'oom', tracked_comm: 'claude', tracked_comm_drift: false,
    claude_code_log: '/home/x/y.jsonl', agent: 'claude', agent_version: '2.1.0', label: 'night', verdict: VERDICT, redactions: { free_kind: 1 },
    leftover_processes: [{ pid: 77, start_ticks: 5, boot_id: 'b', comm: 'npm', parent_pid: 1, parent_comm: 'sh', age_seconds: 3, rss_kb: 9 }],
    free_key_of_tomorrow: { free_key: ['v'] },
  }; // prettier-ignore
}

function snapshotTemplate(seq: number): object {
  return {
    event: 'snapshot', pid: 4000, captured_at: ts(seq), comm: 'claude', state: 'running', vm_rss_kb: 100 + seq, threads: 9, fd_count: 40, fd_soft_limit: 1024,
    ctx_switches_voluntary: 1, ctx_switches_involuntary: 1, sig_pnd: '0', sig_blk: '0', sig_cgt: '0', oom_score: 700, wchan: 'do_epoll_wait', cpu_percent: 3,
    oom_score_adj: 0, shd_pnd: '0', tree_process_count: 3, tree_rss_kb: 9, free_key: 'x',
  }; // prettier-ignore
}

const PROCESSES = ['claude', 'node', 'git', 'acme'].map((comm, n) => ({ pid: n + 2, comm, state: 'sleeping', wchan: 'x', free_key: 'v' })); // prettier-ignore

function anomalyTemplate(kind: string): object {
  return { ts: ts(2), seq: 2, event: 'anomaly', kind, severity: 'critical', pid: 4000, detail: { free_key: 'v', wchan: 'x' }, snapshot: snapshotTemplate(2) }; // prettier-ignore
}
