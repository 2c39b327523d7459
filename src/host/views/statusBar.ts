import { Disposable } from 'vscode';
import { commandId } from '../../core/words/commandNames.ts';
import type { SessionsChanged } from '../../core/panel/serverProtocol.ts';
import type { Backend } from '../backend.ts';
import { statusEntry, type StatusText, type Tone } from '../surfaces.ts';

/** How many sessions run and the worst that is wrong with them; absent while nothing runs. */
export function createStatusBar(backend: Backend): Disposable {
  const entry = statusEntry('sessionDiagnostics.status', 'Session Diagnostics');
  const sessions = backend.onSessionsChanged((change) => {
    if (change !== undefined && backend.state() === 'up') entry.show(textOf(change));
  });
  const states = backend.onState((state) => entry.show(state === 'down' ? DOWN : undefined));
  return Disposable.from(entry, sessions, states);
}

const DOWN: StatusText = {
  icon: 'warning',
  text: 'Sessions are not read',
  tooltip: 'The language server has stopped. Click to restart it; sessions go on being recorded.',
  tone: 'warning',
  command: commandId('restartServer'),
};

function textOf({ running, worst }: SessionsChanged): StatusText | undefined {
  if (running === 0) return undefined;
  const [icon, tone]: readonly [string, Tone] =
    worst === 'critical' ? ['error', 'error'] : worst === 'warning' ? ['warning', 'warning'] : ['pulse', 'info'];
  const sessions = running === 1 ? 'session' : 'sessions';
  return {
    icon,
    text: `${running} ${sessions}`,
    tooltip: `${running} agent ${sessions} running${worst === undefined ? '' : `, worst anomaly: ${worst}`}`,
    tone,
    command: commandId('openPanel'),
  };
}
