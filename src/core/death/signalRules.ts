import {
  counterEvidence,
  crashEvidence,
  isMemoryShort,
  killerEvidence,
  markerEvidence,
  memoryEvidence,
} from './deathEvidence.ts';
import type { DeathFacts } from './deathFacts.ts';
import { signalOf, weaker, type SignalDeath } from './deathSignal.ts';
import { isKernelRuledOut } from './oomAttribution.ts';
import { confidenceWithSender, isSentByProcess, senderEvidence } from './signalSender.ts';
import type { Verdict } from '../session/verdict.ts';

/** The rules of an end by a signal, whoever sent it. */

/** timeout(1) exits 124 when it had to end what it ran; with -s KILL, -k or --preserve-status it is the signal's. */
export function wrapperTimedOut(facts: DeathFacts): Verdict | undefined {
  const { exit, told, wrappersVia, wrapperLimit } = facts;
  // Who ended before a sample was taken has nothing on its way to it; its command line says it then.
  const isUnder = wrappersVia.includes('timeout');
  if (!isUnder && wrapperLimit === undefined) return undefined;
  const isTold =
    (isUnder && (exit?.code === 124 || told?.code === 124)) ||
    (exit?.code === 124 && isPastWrapperLimit(facts)) ||
    (TIMEOUT_SIGNALS.has(signalOf(facts)?.name ?? '') && isAtWrapperLimit(facts));
  if (!isTold) return undefined;
  const evidence = killerEvidence(facts);
  return {
    outcome: 'died',
    cause: 'timed_out',
    layer: 'environment',
    confidence: isByTimeout(facts) ? 'certain' : 'likely',
    detail: 'wrapper_timeout',
    evidence,
  };
}

const TIMEOUT_SIGNALS: ReadonlySet<string> = new Set(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGALRM']);
/** A launcher takes a moment to start it, and a busy machine to notice its end. */
const LIMIT_SLACK_MS = 1500;

/** It also passes on what it was sent itself: that alone does not say that time was up. */
function isByTimeout({ sender }: DeathFacts): boolean {
  return sender?.relation === 'ancestor' && sender.name === 'timeout';
}

function isPastWrapperLimit({ ageMs, wrapperLimit }: DeathFacts): boolean {
  return ageMs !== undefined && wrapperLimit !== undefined && ageMs >= wrapperLimit.afterMs - LIMIT_SLACK_MS / 5;
}

function isAtWrapperLimit(facts: DeathFacts): boolean {
  const { ageMs, wrapperLimit } = facts;
  if (ageMs === undefined || wrapperLimit === undefined) return false;
  // Whoever else is known to have sent the signal was not it.
  if (facts.sender !== undefined && !isByTimeout(facts)) return false;
  const { afterMs, killAfterMs } = wrapperLimit;
  return isPastWrapperLimit(facts) && ageMs <= afterMs + killAfterMs + LIMIT_SLACK_MS;
}

const CRASHES: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS']);

export function endedBySignal(facts: DeathFacts): Verdict | undefined {
  const signal = signalOf(facts);
  if (signal === undefined) return undefined;
  const confidence = confidenceWithSender(facts, signal.name, signal.confidence);
  if (CRASHES.has(signal.name)) return crashed(facts, { ...signal, confidence });
  if (signal.name === 'SIGINT' || signal.name === 'SIGQUIT') {
    // Nobody passed it through us, so a keyboard is only the usual reason.
    return {
      outcome: 'stopped',
      cause: 'interrupted',
      layer: 'user',
      confidence: facts.sender?.signal === signal.name ? confidence : weaker(confidence),
      evidence: killerEvidence(facts),
    };
  }
  const own = isSentByProcess(facts, signal.name) ? undefined : OWN_LIMITS[signal.name];
  if (own !== undefined) {
    return { outcome: 'died', cause: 'terminated', confidence, evidence: senderEvidence(facts), ...own };
  }
  const isMemoryDaemon = isMemoryShort(facts.lastSnapshot) && facts.killers.some((killer) => killer.role === 'daemon');
  const layer = isMemoryDaemon || facts.sender?.relation === 'kernel' ? 'environment' : 'lifecycle';
  if (signal.name === 'SIGKILL') return killed(facts, { layer, confidence });
  return { outcome: 'died', cause: 'terminated', layer, confidence, evidence: killerEvidence(facts) };
}

function crashed(facts: DeathFacts, { name, confidence }: SignalDeath): Verdict {
  const logged = crashEvidence(facts);
  const sure = logged.length > 0 ? 'certain' : confidence;
  const evidence = [...logged, ...senderEvidence(facts), ...markerEvidence(facts, 'panic'), ...memoryEvidence(facts)];
  const detail = name === 'SIGSYS' ? ({ detail: 'seccomp' } as const) : {};
  return { outcome: 'died', cause: 'crashed', layer: 'lifecycle', confidence: sure, ...detail, evidence };
}

function killed(facts: DeathFacts, { layer, confidence }: Pick<Verdict, 'layer' | 'confidence'>): Verdict {
  const by = { outcome: 'died', cause: 'killed' } as const;
  const logged = crashEvidence(facts);
  if (logged.length > 0) {
    const evidence = [...logged, ...senderEvidence(facts)];
    return { ...by, layer: 'environment', confidence: 'certain', detail: 'seccomp', evidence };
  }
  const evidence = [...killerEvidence(facts), ...counterEvidence(facts), ...memoryEvidence(facts)];
  const isKnown = isKernelRuledOut(facts) || facts.sender?.signal === 'SIGKILL';
  return { ...by, layer, confidence: isKnown ? confidence : weaker(confidence), evidence };
}

/** Signals that the kernel sends a process for its own doing, where nobody else commonly does. */
const OWN_LIMITS: Readonly<Record<string, Pick<Verdict, 'layer' | 'detail'>>> = {
  SIGXCPU: { layer: 'environment', detail: 'cpu_limit' },
  SIGXFSZ: { layer: 'environment', detail: 'file_size_limit' },
  SIGPIPE: { layer: 'lifecycle', detail: 'pipe_closed' },
  SIGALRM: { layer: 'lifecycle', detail: 'alarm' },
};
