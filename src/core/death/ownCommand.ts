import type { DeathFacts } from './deathFacts.ts';
import type { CalledKill, KillCall, OwnCommand } from '../session/killCall.ts';
import { msFromIso } from '../words/time.ts';
import type { Evidence } from '../session/verdict.ts';

/** What a kill would have to name to reach the agent. */
export interface KillTarget {
  readonly pids: readonly number[];
  /** The name of its process, and of its program. */
  readonly names: readonly string[];
  readonly commandLine: string;
}

/** A call that was answered long before the end did not cause it. */
const JUST_BEFORE_MS = 10_000;

export function ownCommandOf(calls: readonly CalledKill[], target: KillTarget, endTs: string): OwnCommand | undefined {
  const found = calls.flatMap(({ kill, ts, isOpen }) => {
    const beforeMs = (msFromIso(endTs) ?? Number.NaN) - (msFromIso(ts) ?? Number.NaN);
    if (!isOpen && !(beforeMs <= JUST_BEFORE_MS)) return [];
    const reach = reachOf(kill, target);
    return reach === 'none' ? [] : [{ name: kill.word, ts, isMatch: reach === 'match' }];
  });
  return found.find(({ isMatch }) => isMatch) ?? found.at(-1);
}

function reachOf({ word, targets, isWholeLine, isExact }: KillCall, target: KillTarget): 'match' | 'possible' | 'none' {
  const texts = isWholeLine ? [target.commandLine] : target.names;
  const isHit = (pattern: string): boolean => {
    if (word === 'kill' || /^\d+$/.test(pattern)) return target.pids.includes(Number(pattern.replace(/^-/, '')));
    if (isExact || word !== 'pkill') return texts.some((text) => sameName(text, pattern));
    return texts.some((text) => matches(text, pattern));
  };
  if (targets.some((one) => one.kind === 'everyone' || (one.kind === 'text' && isHit(one.text)))) return 'match';
  return targets.some(({ kind }) => kind === 'computed') ? 'possible' : 'none';
}

/** The kernel keeps 15 characters of a name. */
function sameName(name: string, pattern: string): boolean {
  const wanted = pattern.replace(/\.exe$/i, '');
  return name === wanted || (name.length === 15 && wanted.startsWith(name));
}

/** As far as most patterns go, which need no engine: a person's expression may cost one more than a death has time for. */
function matches(text: string, pattern: string): boolean {
  const plain = pattern.replaceAll(/^\^|\$$|\\/g, '').replaceAll(/\[(\w)\]/g, '$1');
  return plain.split('|').some((choice) => choice !== '' && choice.split('.*').every((part) => text.includes(part)));
}

export function ownCommandEvidence({ ownCommand, sender }: DeathFacts): readonly Evidence[] {
  // A sender that is known not to come from the agent clears its command.
  if (ownCommand === undefined || (sender !== undefined && !FROM_AGENT.has(sender.relation))) return [];
  const { name, ts, isMatch } = ownCommand;
  return [{ kind: 'own_command', name, ...(ts !== undefined && { ts }), ...(isMatch && { relation: 'itself' }) }];
}

const FROM_AGENT: ReadonlySet<string> = new Set(['itself', 'descendant']);

export function ownCommandClause({ name = 'kill', relation }: Evidence): string {
  return relation === 'itself'
    ? `its own command ended it (likely): a ${name} whose target is the agent itself`
    : `its own command may have ended it (possible): a ${name} whose target can be the agent`;
}
