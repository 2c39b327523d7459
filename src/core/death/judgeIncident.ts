import {
  INCIDENT_CAUSE_NAMES,
  type Incident,
  type IncidentCandidate,
  type IncidentCauseName,
} from '../session/incident.ts';
import { jsonLine } from '../words/json.ts';
import type { Death } from './simultaneousDeath.ts';
import { isServerLoss, TMUX_LOSSES } from '../session/tmuxLoss.ts';
import { isExitEvidence, isOomKillEvidence, type Evidence } from '../session/verdict.ts';
import { CONFIDENCES, type Cause, type Confidence } from '../words/vocabulary.ts';

/** More items than this no reader weighs. */
const MAX_EVIDENCE = 24;

/** What several deaths may have had in common: each candidate with what the sessions' own verdicts say for it. */
export function judgeIncident(incidentId: string, deaths: readonly Death[]): Incident {
  const sorted = deaths.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : a.dir_name < b.dir_name ? -1 : 1));
  const candidates = INCIDENT_CAUSE_NAMES.flatMap((name) => candidateOf(name, sorted) ?? []);
  candidates.sort((a, b) => rankOf(a.confidence) - rankOf(b.confidence)); // stable: equals keep the names' order
  const [best] = candidates;
  return {
    schema_version: 1,
    incident_id: incidentId,
    first_ts: sorted[0]?.ts ?? '',
    last_ts: sorted.at(-1)?.ts ?? '',
    cause: best?.cause ?? commonestCause(sorted),
    confidence: best?.confidence ?? 'possible',
    candidates,
    sessions: sorted.map(({ session_id, dir_name, ts, verdict }) => ({
      session_id,
      dir_name,
      ts,
      cause: verdict.cause,
    })),
  };
}

interface Sign {
  readonly cause: (hit: readonly Death[]) => Cause;
  /** What in one death speaks for it; `undefined` when nothing does. */
  readonly of: (death: Death) => readonly Evidence[] | undefined;
  /** The most that this sign can prove. */
  readonly atMost: Confidence;
}

const SIGNS: { readonly [name in IncidentCauseName]: Sign } = {
  kernel_oom: {
    cause: () => 'oom_kill',
    of: ({ verdict }) =>
      verdict.cause === 'oom_kill' || (verdict.cause === 'exit_nonzero' && verdict.layer === 'environment')
        ? some(verdict.evidence.filter(isOomKillEvidence))
        : undefined,
    atMost: 'certain',
  },
  tmux_server: {
    cause: () => 'terminal_lost',
    of: ({ verdict }) =>
      some(verdict.evidence.filter(({ kind, name }) => kind === 'tmux' && SERVER_LOSSES.has(name ?? ''))),
    atMost: 'certain',
  },
  logout: {
    cause: () => 'terminal_lost',
    of: ({ verdict }) =>
      some(
        verdict.evidence.some(({ kind }) => kind === 'tmux')
          ? []
          : verdict.evidence.filter(
              ({ kind, name }) =>
                ((kind === 'killer_process' || kind === 'signal_sender') && name === 'loginctl') ||
                ((kind === 'own_signal' || isExitEvidence({ kind })) && name === 'SIGHUP'),
            ),
      ),
    atMost: 'likely', // a terminal that is closed sends the same signal
  },
  reboot: {
    cause: () => 'lost',
    of: ({ verdict }) => some(verdict.evidence.filter(({ kind }) => kind === 'reboot')),
    atMost: 'certain',
  },
  killer_process: {
    cause: (hit) => (hit.some(({ verdict }) => verdict.cause === 'terminated') ? 'terminated' : 'killed'),
    of: ({ verdict }) =>
      some(
        verdict.evidence.filter(
          ({ kind, relation }) => kind === 'killer_process' || (kind === 'signal_sender' && relation === 'outside'),
        ),
      ),
    atMost: 'likely', // it was there; nobody saw it send the signal
  },
  full_disk: {
    cause: () => 'disk_full',
    of: ({ verdict }) =>
      verdict.cause === 'disk_full'
        ? verdict.evidence.filter(({ kind }) => kind === 'last_snapshot' || kind === 'stderr_marker')
        : undefined,
    atMost: 'certain',
  },
  network_loss: {
    cause: () => 'exit_nonzero',
    of: (death) => (death.has_lost_network ? death.verdict.evidence.filter(isExitEvidence) : undefined),
    atMost: 'likely', // a provider's outage looks the same
  },
};

const SERVER_LOSSES: ReadonlySet<string> = new Set(TMUX_LOSSES.filter(isServerLoss));

function some(evidence: readonly Evidence[]): readonly Evidence[] | undefined {
  return evidence.length === 0 ? undefined : evidence;
}

/** Proven for every session it is as sure as their verdicts; for some of them it may be only theirs. */
function candidateOf(name: IncidentCauseName, deaths: readonly Death[]): IncidentCandidate | undefined {
  const { cause, of, atMost } = SIGNS[name];
  const found = deaths.flatMap((death) => {
    const evidence = of(death);
    return evidence === undefined ? [] : [{ death, evidence }];
  });
  if (found.length === 0) return undefined;
  const hit = found.map(({ death }) => death);
  const ranks = hit.map(({ verdict }) => rankOf(verdict.confidence));
  const isOfAll = hit.length === deaths.length;
  const rank = Math.max(rankOf(atMost), ...ranks, isOfAll ? 0 : hit.length > 1 ? 1 : 2);
  return {
    cause: cause(hit),
    name,
    confidence: CONFIDENCES[rank] ?? 'possible',
    evidence: distinct(found.flatMap(({ evidence }) => evidence)).slice(0, MAX_EVIDENCE),
  };
}

/** Several recorders see the same killer and the same counter, each at its own time. */
function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  const byContent = new Map<string, Evidence>();
  for (const item of evidence) {
    const { ts: _ts, ...content } = item;
    const key = jsonLine(content);
    if (!byContent.has(key)) byContent.set(key, item);
  }
  return [...byContent.values()];
}

function rankOf(confidence: Confidence): number {
  return CONFIDENCES.indexOf(confidence);
}

function commonestCause(deaths: readonly Death[]): Cause {
  const counts = new Map<Cause, number>();
  for (const { verdict } of deaths) counts.set(verdict.cause, (counts.get(verdict.cause) ?? 0) + 1);
  return [...counts].reduce<readonly [Cause, number]>(
    (best, one) => (one[1] > best[1] ? one : best),
    ['unknown', 0],
  )[0];
}
