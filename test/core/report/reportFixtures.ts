import type { RuleName } from '../../../src/core/words/ruleNames.ts';
import type { Anomaly } from '../../../src/core/session/anomaly.ts';
import { anomalyFrom } from '../../../src/core/session/anomaly.ts';
import { episodesOf } from '../../../src/core/anomalies/episodes.ts';
import type { Failures } from '../../../src/core/session/failures.ts';
import { recordOf } from '../../../src/core/words/json.ts';
import type { ReportInput, ReportedSession } from '../../../src/core/report/reportBuild.ts';
import { SeriesTally } from '../../../src/core/report/seriesTally.ts';
import { snapshotFrom } from '../../../src/core/session/snapshot.ts';
import { treeSampleFrom } from '../../../src/core/session/tree.ts';
import { verdictFrom, type Verdict } from '../../../src/core/session/verdict.ts';

/** Every text of the input goes through here: a test puts its canaries where the others have plain words. */
export type Spell = (plain: string) => string;

const asIs: Spell = (plain) => plain;

/** A session that ran out of memory, with everything a log root can hold of one. */
export function reportedSession(spell: Spell = asIs): ReportedSession {
  const ts = (seconds: number): string => new Date(1_767_225_600_000 + seconds * 1000).toISOString();
  const snapshots = Array.from({ length: 40 }, (_, seq) =>
    snapshotFrom(
      {
        ts: ts(seq * 5), seq, event: 'snapshot', pid: 4000, captured_at: ts(seq * 5), comm: spell('claude'), state: spell('running'),
        vm_rss_kb: 100_000 + seq * 20_000, threads: 9, fd_count: 40 + seq, fd_soft_limit: 1024, ctx_switches_voluntary: 1,
        ctx_switches_involuntary: 1, sig_pnd: spell('0000000000000000'), sig_blk: spell('0'), sig_cgt: spell('0'), oom_score: 700 + seq,
        wchan: spell('do_epoll_wait'), cpu_percent: 33.3, oom_score_adj: 0, shd_pnd: spell('0'), tree_process_count: 3,
        tree_rss_kb: 150_000 + seq * 30_000, tree_cpu_percent: 40, tree_fd_count: 90, mem_available_kb: 1_000_000,
      },
      seq,
    ),
  ).filter((snapshot) => snapshot !== undefined); // prettier-ignore
  const series = new SeriesTally();
  for (const snapshot of snapshots) series.addSnapshot(snapshot);
  const tree = treeSampleFrom({
    ts: spell(ts(0)),
    seq: 0,
    processes: [spell('claude'), spell('node'), spell('git'), spell('acme-tool')].map((comm, pid) => ({
      pid: pid + 2,
      comm,
      state: spell('sleeping'),
      wchan: spell('x'),
    })),
  });
  if (tree !== undefined) series.addTree(tree);
  const anomalies: Anomaly[] = [3, 4, 5, 20].flatMap(
    (seq) =>
      anomalyFrom({
        ts: ts(seq * 5), seq, event: 'anomaly', kind: seq === 20 ? spell('a_newer_kind') : 'rss_growth', severity: seq === 20 ? spell('odd') : 'critical',
        pid: 4000, detail: { [spell('key')]: spell('detail') }, snapshot: null,
      }) ?? [],
  ); // prettier-ignore
  const verdict = verdictFrom({
    outcome: 'died',
    cause: 'oom_kill',
    layer: 'environment',
    confidence: 'certain',
    evidence: [
      { kind: 'exit_status', name: 'SIGKILL', value: -9 },
      { kind: 'kernel_log', ts: spell(ts(195)), pid: 4000, name: spell('claude') },
      { kind: 'killer_process', pid: 9, name: spell('earlyoom') },
      { kind: 'launch_error', name: spell('ENOENT') },
      { kind: spell('unheard_of'), name: spell('x') },
    ],
  });
  return {
    handle: 'src:0123456789ab:L1',
    handleOfFailure: (line) => `src:0123456789ab:L${line}`,
    summary: recordOf({
      session_id: spell('sess-2026-01-01-abc'), dir_name: spell('sess'), cwd: spell('/home/someone/project'), skill_command: spell('claude -p x'),
      success: false, subtype: spell('crashed'), exit_code: -9, signal: spell('SIGKILL'), start_ts: ts(0), end_ts: ts(200), duration_seconds: 200,
      snapshot_interval_seconds: 5, termination_reason: spell('killed'), kill_reason: spell('oom'), tracked_comm: spell('claude'),
      claude_code_log: spell('/home/someone/x.jsonl'), agent: spell('claude'), label: spell('label'), kept_key: { [spell('k')]: spell('v') },
      leftover_processes: [{ pid: 77, start_ticks: 5, boot_id: spell('b'), comm: spell('npm'), parent_pid: 1, parent_comm: spell('sh'), age_seconds: 3, rss_kb: 9 }],
    }), // prettier-ignore
    verdict: verdict ?? fallenBack(),
    episodes: episodesOf(anomalies),
    failures: failures(spell),
    series,
    agentVersion: spell('2.1.5'),
    badLines: 1,
  };
}

function fallenBack(): Verdict {
  throw new Error('the fixture has no verdict');
}

/** As they come from a summary.json of anybody: typed only by hope. */
function failures(spell: Spell): Failures {
  return {
    format: spell('claude_transcript') as Failures['format'],
    total_lines: 900,
    malformed_lines: 2,
    counts: { network: 3, command_exit: 1 },
    unclosed_turns: { at_end: 1, in_middle: 0 },
    unclosed_calls: 1,
    first_ts: spell('2026-01-01T00:00:00Z'),
    last_ts: spell('2026-01-01T00:03:00Z'),
    sources: [
      { category: 'network', rule: spell('dns') as RuleName, confidence: 'certain', handle: 'src:0123456789ab:L42', line: 42, ts: spell('x'), tool_kind: 'shell' },
      { category: 'command_exit', rule: spell('exit') as RuleName, confidence: 'likely', handle: spell('src:0123456789ab:L43'), line: 43, ts: null, exit_code: 2 },
    ], // prettier-ignore
    suspect: {
      layer: 'environment',
      confidence: 'likely',
      because: ['network'],
      sentence: spell('Environment suspect.'),
    },
  };
}

export function reportInput(spell: Spell = asIs): ReportInput {
  return {
    createdMs: 1_767_225_900_000,
    environment: {
      productVersion: spell('0.1.0'),
      editorVersion: spell('1.101.0'),
      platform: spell('linux'),
      kernelRelease: spell('6.8.0-45-generic'),
      arch: spell('x64'),
      cores: 8,
      memoryKb: 16_000_000,
      isContainer: true,
    },
    sessions: [reportedSession(spell)],
  };
}
