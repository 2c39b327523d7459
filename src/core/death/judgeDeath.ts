import { exitEvidence, ownSignalEvidence } from './deathEvidence.ts';
import type { DeathFacts } from './deathFacts.ts';
import { DEATH_RULES } from './deathRules.ts';
import { memberKillEvidence } from './oomAttribution.ts';
import { isOomKillEvidence, type Evidence, type Verdict } from '../session/verdict.ts';

/** More items than this no reader weighs; a crowded kernel log must not fill the summary. */
const MAX_EVIDENCE = 24;

/** A process of the session that was killed for memory is told whatever the end was, right behind what decided. */
function withMemberKills({ cause, evidence }: Verdict, facts: DeathFacts): readonly Evidence[] {
  if (cause === 'oom_kill') return evidence;
  const told = evidence.filter(isOomKillEvidence);
  const isTold = ({ kind, pid }: Evidence): boolean => told.some((item) => item.kind === kind && item.pid === pid);
  return [...evidence, ...memberKillEvidence(facts).filter((item) => !isTold(item))];
}

/** Whose limit it was: the one that it was started with, where that was reached and what happened is of its kind. */
function ownLimit({ cause, layer, detail, evidence }: Verdict, { ownLimits }: DeathFacts): 'own_limit' | undefined {
  const isOfMemory = cause === 'oom_kill' || (layer === 'environment' && evidence.some(isOomKillEvidence));
  if (ownLimits?.memory === true && isOfMemory) return 'own_limit';
  const isOfPids = detail === 'fork_limit' || detail === 'thread_limit';
  return ownLimits?.pids === true && isOfPids ? 'own_limit' : undefined;
}

/** What happened to the process: the first rule that holds decides. */
export function judgeDeath(facts: DeathFacts): Verdict {
  const always = [...exitEvidence(facts), ...ownSignalEvidence(facts)];
  for (const rule of DEATH_RULES) {
    const finding = rule(facts);
    if (finding === undefined) continue;
    const evidence: readonly Evidence[] = [...always, ...withMemberKills(finding, facts)].slice(0, MAX_EVIDENCE);
    const detail = ownLimit(finding, facts) ?? finding.detail;
    return {
      outcome: finding.outcome,
      cause: finding.cause,
      layer: finding.layer,
      confidence: finding.confidence,
      ...(detail !== undefined && { detail }),
      evidence,
    };
  }
  return { outcome: 'died', cause: 'unknown', layer: 'unknown', confidence: 'possible', evidence: always };
}
