import { agentExit } from './agentExit.ts';
import {
  counterEvidence,
  crashEvidence,
  descriptorEvidence,
  fullDiskEvidence,
  gapEvidence,
  killerEvidence,
  markerEvidence,
  memoryEvidence,
  recorderKillEvidence,
  tmuxEvidence,
} from './deathEvidence.ts';
import type { DeathFacts } from './deathFacts.ts';
import { signalOf } from './deathSignal.ts';
import { memberOomKill, trackedOomKill } from './oomAttribution.ts';
import { LAST_WORD_NAMES, layerOfLastWord } from './lastWords.ts';
import type { MarkerName } from './outputMarkers.ts';
import { isOwnStatus } from './ownStatus.ts';
import { endedBySignal, wrapperTimedOut } from './signalRules.ts';
import { senderEvidence } from './signalSender.ts';
import { forwardedSignal, terminalLost } from './terminalRules.ts';
import type { Verdict } from '../session/verdict.ts';
import type { Confidence, VerdictDetail } from '../words/vocabulary.ts';

/** A rule's conclusion; the exit status and our own signals are added to the evidence of every verdict. */
export type DeathRule = (facts: DeathFacts) => Verdict | undefined;

/** From what proves most to what is left over: the first rule that holds decides. */
export const DEATH_RULES: readonly DeathRule[] = [
  leftRunning,
  launchFailed,
  endedByUs,
  forwardedSignal,
  crashLogged,
  oomKilledBehindWrapper,
  completed,
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
  const detail = LAUNCH_DETAILS[launchError.code];
  const common = { outcome: 'failed', cause: 'launch_failed', layer: 'environment', confidence: 'certain' } as const;
  return { ...common, ...(detail !== undefined && { detail }), evidence };
}

const LAUNCH_DETAILS: { readonly [code in string]?: VerdictDetail } = {
  ENOENT: 'missing_program',
  EACCES: 'permission',
  EPERM: 'permission',
};

/** Whatever status follows our own TERM or KILL, it was we who ended the session. */
function endedByUs({ ownSignal, exit }: DeathFacts): Verdict | undefined {
  const confidence = exit === undefined ? 'likely' : 'certain';
  if (ownSignal?.why === 'timeout') {
    return { outcome: 'died', cause: 'timed_out', layer: 'environment', confidence, evidence: [] };
  }
  if (ownSignal?.why === 'stop') {
    return { outcome: 'stopped', cause: 'stopped', layer: 'user', confidence, evidence: [] };
  }
  // Its work was done, and whatever kept it alive is over with it.
  if (ownSignal?.why === 'after_result') {
    return { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'likely', evidence: [] };
  }
  return undefined;
}

/** A wrapper has reasons of its own for its status. */
function statusConfidence(facts: DeathFacts): Confidence {
  return isOwnStatus(facts) ? 'certain' : 'likely';
}

function completed(facts: DeathFacts): Verdict | undefined {
  if (facts.exit?.code !== 0) return undefined;
  const evidence = senderEvidence(facts);
  return { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: statusConfidence(facts), evidence };
}

/** The kernel logs a fault only where nobody handles its signal: nothing else can have been the end. */
function crashLogged(facts: DeathFacts): Verdict | undefined {
  const logged = isOwnStatus(facts) ? [] : crashEvidence(facts);
  if (logged.length === 0) return undefined;
  // With the recorder gone the time of death is only near the last sample.
  const confidence = facts.isRecorderLost ? 'likely' : 'certain';
  const evidence = [...logged, ...memoryEvidence(facts)];
  return { outcome: 'died', cause: 'crashed', layer: 'lifecycle', confidence, evidence };
}

/** What the kernel did to the agent comes before what its wrapper made of it. */
function oomKilledBehindWrapper(facts: DeathFacts): Verdict | undefined {
  return isOwnStatus(facts) ? undefined : oomKilled(facts);
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
    ...(facts.isRecorderLost ? [...recorderKillEvidence(facts), ...gapEvidence(facts)] : []),
    ...soFar(facts),
  ];
  const confidence = facts.isRebooted ? 'certain' : 'likely';
  const detail = facts.isRebooted ? ({ detail: 'reboot' } as const) : {};
  return { outcome: 'lost', cause: 'lost', layer: 'lifecycle', confidence, ...detail, evidence };
}

function vanished(facts: DeathFacts): Verdict | undefined {
  if (facts.exit !== undefined) return undefined;
  // Nothing survives a SIGKILL that was delivered.
  if (facts.sender?.signal === 'SIGKILL') {
    const layer = facts.sender.relation === 'kernel' ? 'environment' : 'lifecycle';
    const evidence = [...killerEvidence(facts), ...soFar(facts)];
    return { outcome: 'died', cause: 'killed', layer, confidence: 'likely', evidence };
  }
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
  const isAbort = signalOf(facts)?.name === 'SIGABRT';
  // A heap takes longer to fill than a program takes to be seen.
  const isQuoted = facts.trackedComm === undefined || OTHER_ENGINES.test(facts.trackedComm);
  const confidence = isAbort ? 'certain' : isQuoted ? 'possible' : 'likely';
  const evidence = [...markerEvidence(facts, 'v8_heap_limit'), ...memoryEvidence(facts)];
  const common = { outcome: 'died', cause: 'heap_limit', layer: 'environment', detail: 'v8_heap' } as const;
  return { ...common, confidence, evidence };
}

/** What these print of V8 they quote, or pass on from a child. */
const OTHER_ENGINES = /^(?:python|perl|ruby|php|java|lua|(?:ba|da|z|k)?sh$)/;

function descriptorsExhausted(facts: DeathFacts): Verdict | undefined {
  const confidence = markerConfidence(facts, 'too_many_open_files', {
    isConfirmed: descriptorEvidence(facts).length > 0,
    isRefuted: hasFewDescriptors(facts),
  });
  if (confidence === undefined) return undefined;
  const evidence = [...markerEvidence(facts, 'too_many_open_files'), ...descriptorEvidence(facts)];
  return { outcome: 'failed', cause: 'fd_exhaustion', layer: 'environment', confidence, evidence };
}

function diskFull(facts: DeathFacts): Verdict | undefined {
  const full = fullDiskEvidence(facts);
  const inTheWay = full.some((disk) => disk.name?.startsWith('log_root') !== true);
  const confidence =
    markerConfidence(facts, 'no_space', {
      isConfirmed: full.length > 0,
      isRefuted: facts.disk.length > 0 && full.length === 0,
    }) ?? (inTheWay && gaveUp(facts) && !saysWhy(facts) ? 'possible' : undefined);
  if (confidence === undefined) return undefined;
  const evidence = [...markerEvidence(facts, 'no_space'), ...full];
  const isInodes = full.some(({ name }) => name?.endsWith('_inodes') === true);
  const detail = isInodes ? ({ detail: 'inodes' } as const) : {};
  return { outcome: 'failed', cause: 'disk_full', layer: 'environment', confidence, ...detail, evidence };
}

/** Its own last words name a reason. */
function saysWhy(facts: DeathFacts): boolean {
  return LAST_WORD_NAMES.some((name) => isLastWord(facts, name));
}

/** A message together with the shortage itself is proof; a message alone must be among the last words. */
function markerConfidence(
  facts: DeathFacts,
  name: MarkerName,
  { isConfirmed, isRefuted }: { readonly isConfirmed: boolean; readonly isRefuted: boolean },
): Confidence | undefined {
  if (!gaveUp(facts) || !facts.markers.some((marker) => marker.name === name)) return undefined;
  if (isLastWord(facts, name)) return isConfirmed ? 'certain' : isRefuted ? 'possible' : 'likely';
  return isConfirmed ? 'likely' : undefined;
}

/** A leak takes a while: who had next to none open a moment before quotes the message, or means another limit. */
function hasFewDescriptors({ lastSnapshot }: DeathFacts): boolean {
  const { fd_count: count, fd_soft_limit: limit } = lastSnapshot ?? {};
  return count !== undefined && limit !== undefined && limit >= 1024 && count < limit / 100;
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

const NOT_FOUND = 127;

function exitNonzero(facts: DeathFacts): Verdict | undefined {
  if (facts.exit === undefined || facts.exit.code === null) return undefined;
  const { code } = facts.exit;
  // Scripts try programs and go on; shells and env give up with this code.
  const word = LAST_WORD_NAMES.find(
    (name) => isLastWord(facts, name) && (name !== 'missing_program' || code === NOT_FOUND),
  );
  const layer = word && layerOfLastWord(word);
  const evidence = [
    ...markerEvidence(facts, 'panic'),
    ...(word === undefined ? [] : markerEvidence(facts, word)),
    ...senderEvidence(facts),
    ...descriptorEvidence(facts),
  ];
  return {
    outcome: 'failed',
    cause: 'exit_nonzero',
    layer: layer ?? 'unknown',
    // That it exited so is seen; why, it says itself.
    confidence: word === undefined ? statusConfidence(facts) : 'likely',
    ...(word !== undefined && { detail: word }),
    evidence,
  };
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
