import { killerEvidence, tmuxEvidence } from './deathEvidence.ts';
import type { DeathFacts, OwnSignal } from './deathFacts.ts';
import { signalOf } from './deathSignal.ts';
import { msFromIso } from '../words/time.ts';
import { isServerLoss } from '../session/tmuxLoss.ts';
import type { Verdict } from '../session/verdict.ts';

/** What ends because of its terminal: by a signal that was passed on, or with the tmux it ran in. */

/** An agent that handles a signal may take this long to clean up; a later end has its own reason. */
const CLEAN_UP_MS = 10_000;

const FORWARDED: { readonly [why in OwnSignal['why']]?: Pick<Verdict, 'outcome' | 'cause' | 'layer'> } = {
  interrupt_forwarded: { outcome: 'stopped', cause: 'interrupted', layer: 'user' },
  terminate_forwarded: { outcome: 'died', cause: 'terminated', layer: 'lifecycle' },
  hangup_forwarded: { outcome: 'died', cause: 'terminal_lost', layer: 'environment' },
};

/** A Ctrl-C that we passed on ends the session only if the agent lets it: some agents ask first, and go on. */
export function forwardedSignal(facts: DeathFacts): Verdict | undefined {
  const { ownSignal, exit, at } = facts;
  if (ownSignal === undefined || exit === undefined) return undefined;
  const isItsStatus = signalOf(facts)?.name === ownSignal.signal;
  const tookMs = (msFromIso(at) ?? Number.NaN) - (msFromIso(ownSignal.at) ?? Number.NaN);
  if (!isItsStatus && (exit.signal !== null || !(tookMs <= CLEAN_UP_MS))) return undefined;
  const meaning = (ownSignal.why === 'hangup_forwarded' && closedOnPurpose(facts)) || FORWARDED[ownSignal.why];
  if (meaning === undefined) return undefined;
  const confidence = isItsStatus ? 'certain' : 'likely';
  return { ...meaning, confidence, evidence: [...killerEvidence(facts), ...tmuxEvidence(facts)] };
}

/** With tmux it can be told who went first: the server, or the user. */
export function terminalLost(facts: DeathFacts): Verdict | undefined {
  const isHangup = signalOf(facts)?.name === 'SIGHUP';
  if (facts.tmux === undefined || (facts.exit !== undefined && !isHangup)) return undefined;
  const evidence = [...tmuxEvidence(facts), ...killerEvidence(facts)];
  if (isServerLoss(facts.tmux)) {
    const confidence = isHangup ? 'certain' : 'likely';
    return { outcome: 'died', cause: 'terminal_lost', layer: 'environment', confidence, evidence };
  }
  const closed = closedOnPurpose(facts);
  if (closed === undefined) return undefined;
  const confidence = isHangup ? 'certain' : facts.tmux === 'session_gone' ? 'possible' : 'likely';
  return { ...closed, confidence, evidence };
}

/** A tmux session that its user closed or left is no death, and nobody wants to be alarmed by it. */
function closedOnPurpose({ tmux }: DeathFacts): Pick<Verdict, 'outcome' | 'cause' | 'layer'> | undefined {
  switch (tmux) {
    case 'session_closed':
    case 'session_gone':
    case 'pane_closed':
      return { outcome: 'stopped', cause: 'stopped', layer: 'user' };
    case 'session_ended':
      return { outcome: 'succeeded', cause: 'completed', layer: 'none' };
    case 'server_gone':
    case 'server_stopped':
    case 'pane_gone':
    case 'socket_gone':
    case undefined:
      return undefined;
  }
}
