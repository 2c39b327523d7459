import { isInTheMiddle } from '../../sessions/unrecorded/judgeLog.ts';
import { findingSentence } from '../../core/death/machineWords.ts';
import { evidenceSentence } from '../../core/death/evidenceWords.ts';
import { verdictSentence } from '../../core/death/verdictSentence.ts';
import { displayText } from '../../core/words/displayText.ts';
import { agentRow } from '../../core/words/agentTable.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { Looked } from '../../sessions/machine/looked.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { localMinute } from '../sessionTable.ts';
import { printable, wrapped, type Terminal } from '../terminal.ts';

/** A session that is known from its agent's own log only, for the person at this machine. */
export function unrecordedText(log: UnrecordedLog, terminal: Terminal): string[] {
  const { digest, verdict, agent, file } = log;
  const { columns, styled } = terminal;
  const name = agentRow(agent)?.name ?? 'An agent';
  return [
    `${styled('bold', log.id)}  log only`,
    ...(digest.title === undefined ? [] : [wrapped(printable(displayText(digest.title, 200)), columns, '  ')]),
    '',
    wrapped(verdictSentence(verdict), columns, '  '),
    ...verdict.evidence.map((item) => wrapped(`  - ${evidenceSentence(item)}`, columns, '    ')),
    ...openCallLines(log, columns),
    '',
    `agent         ${name}`,
    `started       ${localMinute(isoFromMs(log.startMs))}`,
    `last sign     ${localMinute(isoFromMs(log.lastMs))}`,
    ...(digest.cwd === undefined ? [] : [`folder        ${printable(digest.cwd)}`]),
    `log           ${printable(file.path)}`,
  ];
}

function openCallLines({ digest, writer }: UnrecordedLog, columns: number): string[] {
  const call = digest.openCall;
  if (call === undefined || (writer === undefined && !isInTheMiddle(digest))) return [];
  const what =
    call.command === undefined
      ? `a ${call.kind} call`
      : `a ${call.kind} call, ${printable(displayText(call.command, 300))}`;
  return [wrapped(`  - Open when its log stops: ${what}.`, columns, '    ')];
}

/** What the machine says, and what was asked for it. */
export function machineText(log: UnrecordedLog, looked: readonly Looked[], terminal: Terminal): string[] {
  const { columns } = terminal;
  const found = log.findings.map((finding) =>
    wrapped(`  - ${capital(findingSentence(finding, log.lastMs))}.`, columns, '    '),
  );
  return [
    ...(found.length === 0 ? [] : ['', 'What this machine remembers of it:', ...found.map(printableLines)]),
    ...lookedText(looked, columns),
    ...(found.length === 0 ? ['Nothing that was found there is known to be of this session.'] : []),
  ];
}

export function lookedText(looked: readonly Looked[], columns: number): string[] {
  const read = looked.filter(({ state }) => state === 'read' || state === 'partly');
  const others = looked.filter(({ state }) => state !== 'read' && state !== 'partly');
  const helps = looked.flatMap(({ words, help }) =>
    help === undefined ? [] : [wrapped(`  ${capital(words)}. This would help:`, columns, '  '), `    ${help}`],
  );
  return [
    '',
    wrapped(
      `Looked at: ${read.length === 0 ? 'nothing could be read' : read.map(({ words }) => words).join('; ')}.`,
      columns,
      '  ',
    ),
    ...(others.length === 0
      ? []
      : [wrapped(`Not looked at: ${others.map(({ words }) => words).join('; ')}.`, columns, '  ')]),
    ...helps,
  ];
}

function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${printable(line.trimStart())}`)
    .join('\n');
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
