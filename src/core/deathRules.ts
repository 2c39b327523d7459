import { agentExit } from './agentExit.ts';
import {
  counterEvidence,
  crashEvidence,
  descriptorEvidence,
  fullDiskEvidence,
  gapEvidence,
  isMemoryShort,
  killerEvidence,
  markerEvidence,
  memoryEvidence,
  tmuxEvidence,
} from './deathEvidence.ts';
import type { DeathFacts } from './deathFacts.ts';
import { signalOf, weaker } from './deathSignal.ts';
import { isKernelRuledOut, memberOomKill, trackedOomKill } from './oomAttribution.ts';
import type { MarkerName } from './outputMarkers.ts';
import { forwardedSignal, terminalLost } from './terminalRules.ts';
import type { Verdict } from './verdict.ts';
import type { Confidence } from './vocabulary.ts';

/** A rule's conclusion; the exit status and our own signals are added to the evidence of every verdict. */
export type DeathRule = (facts: DeathFacts) => Verdict | undefined;

/** From what proves most to what is left over: the first rule that holds decides. */
export const DEATH_RULES: readonly DeathRule[] = [
  leftRunning,
  launchFailed,
  endedByUs,
  forwardedSignal,
  completed,
  crashLogged,
  oomKilled,
  terminalLost,
  recorderLost,
  vanished,
  heapLimit,
  descriptorsExhausted,
  diskFull,
  wrapperTimedOut,
  failedAfterMemberOomKill,
  exitOfAgent,
  endedBySignal,
  exitNonzero,
];

/** Nothing died: whoever attached to the process has seen enough. */
function leftRunning({ isLeftRunning }: DeathFacts): Verdict | undefined {
  if (!isLeftRunning) return undefined;
  return { outcome: 'running', cause: 'stopped', layer: 'user', confidence: 'certain', evidence: [] };
}

function launchFailed({ launchError, at }: DeathFacts): Verdict | undefined {
  if (launchError === undefined) return undefined;
  const evidence = [{ kind: 'launch_error', ts: at, name: launchError.code }] as const;
  return { outcome: 'failed', cause: 'launch_failed', layer: 'environment', confidence: 'certain', evidence };
}

/** Whatever status follows our own TERM or KILL, it was we who ended the session. */
function endedByUs({ ownSignal, exit }: DeathFacts): Verdict | undefined {
  const confidence = exit === undefined ? 'likely' : 'certain';
  if (ownSignal?.why === 'timeout') {
    return { outcome: 'died', cause: 'timed_out', layer: 'environment', confidence, evidence: [] };
  }
  if (ownSignal?.why === 'stop') {
    return { outcome: 'stopped', cause: 'stopped', layer: 'user', confidence, evidence: [] };
  }
  return undefined;
}

function completed(facts: DeathFacts): Verdict | undefined {
  if (facts.exit?.code !== 0) return undefined;
  return { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'certain', evidence: [] };
}

/** The kernel logs a fault only where nobody handles its signal: nothing else can have been the end. */
function crashLogged(facts: DeathFacts): Verdict | undefined {
  const logged = facts.exit === undefined ? crashEvidence(facts) : [];
  if (logged.length === 0) return undefined;
  // With the recorder gone the time of death is only near the last sample.
  const confidence = facts.isRecorderLost ? 'likely' : 'certain';
  const evidence = [...logged, ...memoryEvidence(facts)];
  return { outcome: 'died', cause: 'crashed', layer: 'lifecycle', confidence, evidence };
}

function oomKilled(facts: DeathFacts): Verdict | undefined {
  const found = trackedOomKill(facts);
  return found && { outcome: 'died', cause: 'oom_kill', layer: 'environment', ...found };
}

/** A status that nobody knows although we started the agent went with the recorder that would have been told it. */
function recorderLost(facts: DeathFacts): Verdict | undefined {
  if (facts.exit !== undefined || (facts.mode === 'attach' && !facts.isRecorderLost)) return undefined;
  const evidence = [
    ...(facts.isRebooted ? [{ kind: 'reboot', ts: facts.at } as const] : []),
    ...gapEvidence(facts),
    ...soFar(facts),
  ];
  const confidence = facts.isRebooted ? 'certain' : 'likely';
  return { outcome: 'lost', cause: 'lost', layer: 'lifecycle', confidence, evidence };
}

function vanished(facts: DeathFacts): Verdict | undefined {
  if (facts.exit !== undefined) return undefined;
  const evidence = [...tmuxEvidence(facts), ...killerEvidence(facts), ...soFar(facts)];
  return { outcome: 'lost', cause: 'vanished', layer: 'lifecycle', confidence: 'likely', evidence };
}

function soFar(facts: DeathFacts) {
  return [
    ...counterEvidence(facts),
    ...markerEvidence(facts, 'v8_heap_limit'),
    ...markerEvidence(facts, 'too_many_open_files'),
    ...markerEvidence(facts, 'no_space'),
    ...memoryEvidence(facts),
    ...descriptorEvidence(facts),
    ...fullDiskEvidence(facts),
  ];
}

/** V8 prints why and aborts; a launcher in between may turn the abort into an exit code. */
function heapLimit(facts: DeathFacts): Verdict | undefined {
  if (!isLastWord(facts, 'v8_heap_limit')) return undefined;
  const confidence = signalOf(facts)?.name === 'SIGABRT' ? 'certain' : 'likely';
  const evidence = [...markerEvidence(facts, 'v8_heap_limit'), ...memoryEvidence(facts)];
  return { outcome: 'died', cause: 'heap_limit', layer: 'environment', confidence, evidence };
}

function descriptorsExhausted(facts: DeathFacts): Verdict | undefined {
  const confidence = markerConfidence(facts, 'too_many_open_files', descriptorEvidence(facts).length > 0);
  if (confidence === undefined) return undefined;
  const evidence = [...markerEvidence(facts, 'too_many_open_files'), ...descriptorEvidence(facts)];
  return { outcome: 'failed', cause: 'fd_exhaustion', layer: 'environment', confidence, evidence };
}

function diskFull(facts: DeathFacts): Verdict | undefined {
  const full = fullDiskEvidence(facts);
  const inTheWay = full.some((disk) => disk.name !== 'log_root');
  const confidence =
    markerConfidence(facts, 'no_space', full.length > 0) ?? (inTheWay && gaveUp(facts) ? 'possible' : undefined);
  if (confidence === undefined) return undefined;
  const evidence = [...markerEvidence(facts, 'no_space'), ...full];
  return { outcome: 'failed', cause: 'disk_full', layer: 'environment', confidence, evidence };
}

/** A message together with the shortage itself is proof; a message alone must be among the last words. */
function markerConfidence(facts: DeathFacts, name: MarkerName, isConfirmed: boolean): Confidence | undefined {
  if (!gaveUp(facts) || !facts.markers.some((marker) => marker.name === name)) return undefined;
  if (isLastWord(facts, name)) return isConfirmed ? 'certain' : 'likely';
  return isConfirmed ? 'likely' : undefined;
}

/** timeout(1) exits 124 when it had to end what it ran. */
function wrapperTimedOut(facts: DeathFacts): Verdict | undefined {
  if (facts.exit?.code !== 124 || !facts.wrappersVia.includes('timeout')) return undefined;
  return {
    outcome: 'died',
    cause: 'timed_out',
    layer: 'environment',
    confidence: 'likely',
    evidence: killerEvidence(facts),
  };
}

function failedAfterMemberOomKill(facts: DeathFacts): Verdict | undefined {
  // An abort is a crash, whoever was killed before it.
  if (
    !gaveUp(facts) ||
    facts.exit?.signal === 'SIGABRT' ||
    (facts.wrappersVia.length > 0 && signalOf(facts) !== undefined)
  )
    return undefined;
  const found = memberOomKill(facts);
  return found && { outcome: 'failed', cause: 'exit_nonzero', layer: 'environment', ...found };
}

/** What would be a signal's number in a shell is here what the agent says by it. */
function exitOfAgent({ agent, exit }: DeathFacts): Verdict | undefined {
  const meaning = agent === undefined || exit?.code == null ? undefined : agentExit(agent, exit.code);
  return meaning && { outcome: 'failed', cause: 'exit_nonzero', confidence: 'likely', evidence: [], ...meaning };
}

const CRASHES: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS']);

function endedBySignal(facts: DeathFacts): Verdict | undefined {
  const signal = signalOf(facts);
  if (signal === undefined) return undefined;
  const { confidence } = signal;
  if (CRASHES.has(signal.name)) {
    const logged = crashEvidence(facts);
    const sure = logged.length > 0 ? 'certain' : confidence;
    const evidence = [...logged, ...markerEvidence(facts, 'panic'), ...memoryEvidence(facts)];
    return { outcome: 'died', cause: 'crashed', layer: 'lifecycle', confidence: sure, evidence };
  }
  if (signal.name === 'SIGINT' || signal.name === 'SIGQUIT') {
    // Nobody passed it through us, so a keyboard is only the usual reason.
    return {
      outcome: 'stopped',
      cause: 'interrupted',
      layer: 'user',
      confidence: weaker(confidence),
      evidence: killerEvidence(facts),
    };
  }
  const killers = killerEvidence(facts);
  const isMemoryDaemon = isMemoryShort(facts.lastSnapshot) && facts.killers.some((killer) => killer.role === 'daemon');
  const layer = isMemoryDaemon ? 'environment' : 'lifecycle';
  if (signal.name === 'SIGKILL') {
    const evidence = [...killers, ...counterEvidence(facts), ...memoryEvidence(facts)];
    const sure = isKernelRuledOut(facts) ? confidence : weaker(confidence);
    return { outcome: 'died', cause: 'killed', layer, confidence: sure, evidence };
  }
  return { outcome: 'died', cause: 'terminated', layer, confidence, evidence: killers };
}

function exitNonzero(facts: DeathFacts): Verdict | undefined {
  if (facts.exit === undefined || facts.exit.code === null) return undefined;
  const evidence = [...markerEvidence(facts, 'panic'), ...descriptorEvidence(facts)];
  return { outcome: 'failed', cause: 'exit_nonzero', layer: 'unknown', confidence: 'certain', evidence };
}

/** Ended by itself with a failure: by an exit code, or by aborting. */
function gaveUp({ exit }: DeathFacts): boolean {
  return exit?.signal === 'SIGABRT' || (exit?.code ?? 0) !== 0;
}

/** Room for the stack trace and the dumped error object that follow the message. */
const LAST_WORDS_BYTES = 16 * 1024;

function isLastWord(facts: DeathFacts, name: MarkerName): boolean {
  return facts.markers.some((marker) => marker.name === name && facts.stderrBytes - marker.offset <= LAST_WORDS_BYTES);
}
